"""The Flask application itself: the first page, `/health`, and errors as whoever asks can read them."""

from __future__ import annotations

from html import escape
from typing import Final

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from gateway.errors import BadRequest, DatabaseUnreachable, GatewayError, NotFound
from gateway.services.house import House
from gateway.store import residence
from gateway.web import answers
from gateway.web.answers import Reply
from gateway.web.refusals import MethodNotAllowed

# Addresses that programs call: their errors are problem documents, all others' are pages.
_PROGRAMS: Final = ("/itip", "/held", "/health", "/api")
_PIECES: Final = (
    ("/dav/", "calendars over CalDAV, with your login and a token"),
    ("/.well-known/caldav", "where calendar programs find them by themselves"),
    ("/feeds/…", "calendars to subscribe to, each behind a secret address of its own"),
    ("/rsvp/…", "where guests answer, each by a link of their own"),
    ("/itip", "answers to invitations, by programs"),
    ("/held", "messages that wait for a person, by programs"),
    ("/health", "whether all is well, for programs"),
)


def application(house: House) -> Flask:
    """Make the Flask application, still without its blueprints."""
    app = Flask("partstat", static_folder=None)
    app.url_map.strict_slashes = False
    app.register_error_handler(Exception, _failed)
    app.register_blueprint(_pages(house))
    return app


def _pages(house: House) -> Blueprint:
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def first() -> Response:
        return _respond(Reply(200, [("Content-Type", "text/html; charset=utf-8")], _first(house)))

    @blueprint.get("/health")
    def health() -> Response:
        _standing(house)
        response = jsonify(status="ok")
        response.headers["Cache-Control"] = "no-store"
        return response

    @blueprint.get("/robots.txt")
    def robots() -> Response:
        # Subscribers of feeds read it too; what must not be found says so itself (X-Robots-Tag).
        return Response("User-agent: *\nDisallow:\n", content_type="text/plain; charset=utf-8")

    return blueprint


def _standing(house: House) -> None:
    """Raise what is wrong unless the database answers and somebody lives in it."""
    try:
        residence.uuid(house.store)
    except GatewayError:
        raise
    except Exception as error:
        answers.noted(error)
        raise DatabaseUnreachable from error


def _first(house: House) -> bytes:
    base = house.settings.base_url
    rows = "".join(f"<li><code>{escape(base + path)}</code> — {escape(what)}</li>\n" for path, what in _PIECES)
    return answers.html("Partstat", f"<p>A gateway between a CRM's invitations and calendars.</p>\n<ul>\n{rows}</ul>")


def _failed(error: Exception) -> Response:
    """Answer what went wrong, by the one table: a problem document for programs, a page for people."""
    meant = _meant(error)
    render = answers.problem if request.path.startswith(_PROGRAMS) else answers.page
    return _respond(render(answers.noted(meant)))


def _meant(error: Exception) -> Exception:
    """Turn Flask's own words for what went wrong into ours."""
    if not isinstance(error, HTTPException):
        return error
    if error.code == 405:
        return MethodNotAllowed(tuple(sorted(getattr(error, "valid_methods", None) or ())))
    return NotFound() if error.code == 404 else BadRequest("request", error.name)


def _respond(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)
