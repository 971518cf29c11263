"""Partstat: a gateway between the invitations of a CRM and the calendars that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from gateway.diary import Diary
    from gateway.services.house import House
    from gateway.settings import Settings

__all__ = ["create_app", "open_diary"]


def create_app(settings: Settings, house: House | None = None) -> Flask:
    """Put the parts together, the one place where they meet: a WSGI application."""
    # Not at the head: whoever imports one module of this package need not load the web.
    from gateway.services.house import House  # noqa: PLC0415
    from gateway.web import auth, busy, dav, feeds, front, held, itip, pages, rsvp  # noqa: PLC0415

    house = house or House(settings)
    door = auth.Door(house)
    app = pages.application(house)
    app.register_blueprint(feeds.feeds(house, door))
    app.register_blueprint(busy.addresses(house, door))
    app.register_blueprint(itip.itip(house, door))
    app.register_blueprint(held.held(house, door))
    app.register_blueprint(rsvp.pages(house))
    # The DAV tree stands in front of Flask's router, whose cycle would cost half of a short answer (DESIGN section 4).
    app.wsgi_app = front.Front(dav.Dav(house, door), app.wsgi_app)  # type: ignore[method-assign]
    return app


def open_diary(login: str, database_url: str | None = None, **settings: Any) -> Diary:
    """Open somebody's diary, to act and to look in it; `settings` are those of `partstat.toml`.

        with open_diary("bo", "partstat-demo.db") as diary:
            for invitation in diary.invitations():
                diary.accept(invitation.appointment)

    Raises UnknownPerson, SettingsError, and SchemaOutOfDate where nobody has moved in.
    """
    from gateway.diary import opened  # noqa: PLC0415 - as above

    return opened(login, database_url, **settings)
