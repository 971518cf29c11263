"""``/rsvp/<token>``: the page on which somebody answers who has no buttons. GET shows, POST of its form decides."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Final

from flask import Blueprint, Response, request

from gateway.errors import PreconditionFailed
from gateway.letters.language import Language, language
from gateway.services import rsvp as service
from gateway.services.house import House
from gateway.services.rsvp import Answered, Invited
from mappings import times
from mappings.errors import RefusedAct, Unmappable
from mappings.model import Instance
from mappings.posting import one_line

CHOICES: Final = {"accept": "ACCEPTED", "tentative": "TENTATIVE", "decline": "DECLINED"}
MAX_FORM: Final = 64 * 1024  # octets
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}
_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}"
    "fieldset{border:1px solid #bbb;border-radius:.5rem;margin:1rem 0}label{display:block;padding:.4rem 0}"
    "textarea,input[type=datetime-local]{font:inherit;width:100%;box-sizing:border-box}"
    "button{font:inherit;padding:.5rem 1.5rem}.note{border-left:.3rem solid #06c;padding-left:.8rem}"
)


def pages(house: House) -> Blueprint:
    """Make the blueprint of ``/rsvp/<token>``."""
    blueprint = Blueprint("rsvp", __name__)

    @blueprint.get("/rsvp/<token>")
    def show(token: str) -> Response:
        tongue = _language(house)
        invited = service.look(house, token)
        return _page(tongue, invited, _standing(tongue, invited))

    @blueprint.post("/rsvp/<token>")
    def decide(token: str) -> Response:
        request.max_content_length = MAX_FORM
        tongue = _language(house)
        invited = service.look(house, token)
        if invited.shown is None or invited.over:
            return _page(tongue, invited, _standing(tongue, invited), status=409)
        return _decided(house, token, tongue, invited, invited.shown)

    return blueprint


def _decided(house: House, token: str, tongue: Language, invited: Invited, it: Instance) -> Response:
    partstat = CHOICES.get(request.form.get("answer", ""))
    if partstat is None:
        return _page(tongue, invited, tongue.say("choose"), status=400)
    try:
        said = Answered(partstat, request.form.get("comment", ""), _other(it, request.form.get("other", "")))
    except (ValueError, Unmappable):
        return _page(tongue, invited, tongue.say("bad_time"), status=400)
    try:
        service.answer(house, token, request.form.get("stamp", ""), said)
    except (PreconditionFailed, RefusedAct):
        return _page(tongue, service.look(house, token), tongue.say("changed"), status=409)
    return _page(tongue, service.look(house, token), tongue.say("thanks", organizer=_organizer(it, tongue)))


def _other(it: Instance, text: str) -> tuple[int, int] | None:
    """Read a time that is proposed, on the clock of the event and as long as that is; the same time is none."""
    if not text.strip() or it.all_day:
        return None
    wall = times.wall_of(datetime.fromisoformat(text.strip()[:32]).replace(tzinfo=None))
    start, end = (times.instant(moment, it.zone) for moment in (wall, wall + it.end - it.start))
    return (start, end) if wall != it.start else None


def _language(house: House) -> Language:
    return language([*request.accept_languages.values(), house.settings.mail_language])


def _standing(tongue: Language, invited: Invited) -> str:
    if invited.shown is None:
        return tongue.say("gone")
    if invited.over:
        return tongue.say("over")
    chosen = next((word for word, partstat in CHOICES.items() if partstat == invited.partstat), "")
    return tongue.say("so_far", answer=tongue.say(chosen)) if chosen else ""


def _organizer(it: Instance, tongue: Language) -> str:
    return one_line(it.organizer.name) if it.organizer and it.organizer.name else tongue.say("somebody")


def _page(tongue: Language, invited: Invited, note: str, status: int = 200) -> Response:
    it = invited.shown
    said = f'<p class="note" role="status">{escape(note)}</p>' if note else ""
    body = (_facts(it, tongue) if it else "") + said + (_form(it, invited, tongue) if it and not invited.over else "")
    title = escape(one_line(it.summary) or tongue.say("untitled")) if it else escape(tongue.say("rsvp_title"))
    text = (
        f'<!doctype html><html lang="{tongue.tag}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1>{body}</body></html>"
    )
    return Response(text, status, {"Content-Type": "text/html; charset=utf-8", **_HEADERS})


def _facts(it: Instance, tongue: Language) -> str:
    facts = [("when", tongue.when(it)), ("where", one_line(it.location)), ("video", one_line(it.video))]
    lines = "".join(f"<p><b>{escape(tongue.say(k))}:</b> {escape(v)}</p>" for k, v in facts if v)
    return f"<p>{escape(tongue.say('invites', organizer=_organizer(it, tongue)))}</p>{lines}"


def _form(it: Instance, invited: Invited, tongue: Language) -> str:
    choices = "".join(
        f'<label><input type="radio" name="answer" value="{word}" required> {escape(tongue.say(word))}</label>'
        for word in CHOICES
    )
    comment = escape(tongue.say("comment", organizer=_organizer(it, tongue)))
    other = f'<label>{escape(tongue.say("propose"))}<input type="datetime-local" name="other"></label>'
    return (
        f'<form method="post"><input type="hidden" name="stamp" value="{invited.stamp}"><fieldset><legend>'
        f"{escape(tongue.say('rsvp_title'))}</legend>{choices}</fieldset>"
        f'<label>{comment}<textarea name="comment" rows="3" maxlength="{service.COMMENT_LENGTH}"></textarea></label>'
        f"{'' if it.all_day else other}<p><button>{escape(tongue.say('send'))}</button></p></form>"
    )
