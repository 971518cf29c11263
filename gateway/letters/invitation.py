"""The letter around an invitation, a change or a cancellation: what a person reads who has no buttons to press."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import Final

from gateway.letters.language import Language
from mappings.model import Instance, Kind, Notice, Participant
from mappings.notices import CANCEL, DECLINECOUNTER, REQUEST
from mappings.posting import Letter, one_line
from mappings.recurrence.occurring import starts
from mappings.times import DAY

MANY: Final = 20  # guests and dates that are named
TEXT_LENGTH: Final = 20_000  # characters of a description
AHEAD: Final = 366 * DAY  # how far ahead dates of a series are named


def letter(notice: Notice, language: Language, *, first: bool, guests: bool, link: str = "") -> Letter:
    """Write the letter of a notice; `first` tells that nothing was mailed to this person about it before."""
    lead = notice.instances[0]
    title = one_line(lead.summary) or language.say("untitled")
    organizer = one_line(lead.organizer.name) if lead.organizer else ""
    topic, sentence = _occasion(notice, first=first)
    opening = language.say(sentence, organizer=organizer or language.say("somebody"))
    facts = [fact for it in notice.instances[:MANY] for fact in _facts(notice, it, language)]
    facts += _guests(notice, lead, language) if guests else []
    text = lead.description[:TEXT_LENGTH] if notice.method != CANCEL else ""
    closing = language.say("answer", link=link) if link and notice.method == REQUEST else ""
    plain = "\n\n".join(filter(None, [opening, title, "\n".join(f"{k}: {v}" for k, v in facts), text, closing])) + "\n"
    html = _html(opening, title, facts, text, _button(closing, link, language))
    return Letter(language.say(topic, title=title), plain, html, language.tag)


def reply(notice: Notice, who: Participant, language: Language) -> Letter:
    """Write the letter of an answer to an organizer elsewhere."""
    lead = notice.instances[0]
    title = one_line(lead.summary) or language.say("untitled")
    name = one_line(who.name) or who.address.removeprefix("mailto:")
    opening = language.say(_REPLIES.get(who.partstat, "says_else"), who=name, title=title)
    facts = [fact for it in notice.instances[:MANY] for fact in _facts(notice, it, language)]
    plain = "\n\n".join([opening, "\n".join(f"{k}: {v}" for k, v in facts)]) + "\n"
    return Letter(opening, plain, _html(opening, title, facts, "", ""), language.tag)


_REPLIES: Final = {"ACCEPTED": "says_yes", "DECLINED": "says_no", "TENTATIVE": "says_maybe"}


def _occasion(notice: Notice, *, first: bool) -> tuple[str, str]:
    """Give the words for the subject and for the first sentence."""
    if notice.method == CANCEL:
        return "cancelled", "cancels_some" if notice.instances[0].key else "cancels"
    if notice.method == DECLINECOUNTER:
        return "stands", "keeps"
    return ("invited", "invites") if first else ("updated", "changes")


def _facts(notice: Notice, it: Instance, language: Language) -> list[tuple[str, str]]:
    found = [(language.say("due" if it.todo else "when"), language.when(it))]
    if dates := _further(it, language):
        found.append((language.say("also"), dates))
    if notice.method == CANCEL:
        return found
    place, video = one_line(it.location), one_line(it.video)
    return found + [(language.say(k), v) for k, v in (("where", place), ("video", video)) if v]


def _further(it: Instance, language: Language) -> str:
    """Name the dates of a series after its first, as far as anybody cares to read."""
    if it.key or not (it.rrule or it.rdates):
        return ""
    dates = [wall for wall in islice(starts(it, it.start + AHEAD), 1, MANY + 2) if wall > it.start]
    named = "; ".join(language.date(wall) for wall in dates[:MANY])
    return named + " …" if len(dates) > MANY else named


def _guests(notice: Notice, it: Instance, language: Language) -> list[tuple[str, str]]:
    if notice.method == CANCEL:
        return []
    people = [p for p in it.participants if p.kind not in (Kind.OWNER, Kind.ROOM, Kind.RESOURCE)]
    names = [one_line(p.name) or p.address.removeprefix("mailto:") for p in people]
    more = [language.say("more", count=len(names) - MANY)] if len(names) > MANY else []
    return [(language.say("guests"), ", ".join(names[:MANY] + more))] if names else []


def _button(closing: str, link: str, language: Language) -> str:
    if not closing:
        return ""
    anchor = f'<a href="{escape(link)}">{escape(language.say("answer_link"))}</a>'
    return escape(closing).replace(escape(link), anchor)


def _html(opening: str, title: str, facts: list[tuple[str, str]], text: str, closing: str) -> str:
    rows = "".join(f"<tr><td><b>{escape(k)}</b></td><td>{escape(v)}</td></tr>" for k, v in facts)
    said = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n") if part.strip())
    end = f"<p>{closing}</p>" if closing else ""
    return (
        f'<!doctype html><html><body style="font-family: sans-serif"><p>{escape(opening)}</p>'
        f'<h2>{escape(title)}</h2><table cellpadding="4">{rows}</table>{said}{end}</body></html>\n'
    )
