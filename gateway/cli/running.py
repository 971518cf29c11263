"""The words of whoever runs the gateway: moving in, serving, tokens, publishing, looking after it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from gateway.cli.group import as_json, here, words
from gateway.cli.printing import say
from gateway.errors import BadRequest
from gateway.services import adopt as adopting
from gateway.services import demo as demonstration
from gateway.services import doctor as examining
from gateway.services import load as loading
from gateway.services import moving_in, publish, tokens
from gateway.services import reconcile as comparing
from gateway.services.house import House
from gateway.services.publish import Report
from gateway.settings import Settings, load_settings
from gateway.store.marks import Lane
from gateway.web.serving import free_port
from gateway.web.serving import serve as serving

DEMO_FILE = "partstat-demo.db"


@words.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, help="The port; the next free one is taken.")
@click.option("--db", default=DEMO_FILE, show_default=True, help="The SQLite file of the demonstration.")
@as_json
def demo(host: str, port: int, db: str, as_json: bool) -> None:  # noqa: FBT001 - click hands flags over so
    """Serve a sample company on an embedded database, with new secrets for everybody."""
    found = free_port(host, port)
    settings = load_settings(database_url=db, base_url=f"http://{host}:{found}")
    house = House(settings)
    demonstration.prepare(house, lambda line: None if as_json else print(f"  {line} ...", flush=True))
    people = demonstration.guests(house, settings.base_url)
    house.store.close()

    def ready(_: str) -> None:
        shown = [asdict(p) for p in people]
        say(_welcome(settings, db, people), as_json=as_json, base_url=settings.base_url, database=db, people=shown)

    serving(settings, host, found, workers=1, on_ready=ready)


def _welcome(settings: Settings, db: str, people: list[demonstration.Guest]) -> str:
    blocks = [
        f"{p.name} ({p.login})\n  password  {p.secret}\n  calendar  {p.calendar_url}\n  to-dos    {p.tasks_url}\n"
        f"  feed      {p.feed_url}"
        for p in people
    ]
    return (
        "\n".join(blocks)
        + f"\n\nPartstat serves {settings.base_url}. Point a calendar program at somebody's calendar, "
        "with login and\npassword, or subscribe to a feed. The company lives in "
        f"{db}; these secrets are shown once, and the\nnext run makes new ones. Ctrl-C ends it."
    )


@words.command()
@as_json
def init(as_json: bool) -> None:  # noqa: FBT001
    """Make or upgrade the tables and triggers, and move in beside what stands there."""
    first = moving_in.init(here())
    say("Moved in." if first else "Everything is in place.", as_json=as_json, first=first)


@words.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def load(file: Path, as_json: bool) -> None:  # noqa: FBT001
    """Load CRM rows from a JSON file, all or none; nobody is told."""
    house = here()
    moving_in.init(house)
    loaded = loading.load(house, file.read_bytes())
    for table, rows in loaded.rows.items():
        say(f"{rows:6} {table}", as_json=as_json, table=table, rows=rows)


@words.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, help="The port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="How many processes answer.")
@as_json
def serve(host: str, port: int, workers: int, as_json: bool) -> None:  # noqa: FBT001
    """Serve calendars, feeds and the API; the background worker runs beside."""
    settings = load_settings()

    def ready(_: str) -> None:
        say(f"Partstat serves {settings.base_url} on {host}:{port}", as_json=as_json, base_url=settings.base_url,
             host=host, port=port)  # fmt: skip

    serving(settings, host, port, workers, on_ready=ready)


@words.command()
@click.argument("login")
@click.option("--for", "scope", required=True, type=click.Choice(["caldav", "feed", "api"]), help="What it opens.")
@click.option("--busy", is_flag=True, help="With --for feed: a feed that shows only when the person is busy.")
@click.option("--vouch", is_flag=True, help="With --for api: it may vouch for the senders of messages.")
@click.option("--label", default="", help="A word to tell it from others.")
@as_json
def token(login: str, scope: str, busy: bool, vouch: bool, label: str, as_json: bool) -> None:  # noqa: FBT001
    """Make a token for LOGIN and print the secret, the only time that it is seen."""
    if busy and scope != "feed":
        raise BadRequest("busy", "only a feed can show no more than when somebody is busy")
    house = here()
    secret = tokens.grant(house, login, "busy" if busy else scope, vouch=vouch, label=label)
    say(secret, as_json=as_json, login=login, scope=scope, secret=secret)


@words.command("tokens")
@click.argument("login")
@as_json
def list_tokens(login: str, as_json: bool) -> None:  # noqa: FBT001
    """List the tokens of LOGIN: number, what each opens, when it was made and last used. Secrets are not kept."""
    for t in tokens.listed(here(), login):
        used = f"used {_day(t.last_used)}" if t.last_used else "never used"
        said = (
            f"{t.number:6} {t.scope + (' (vouches)' if t.vouch else ''):16} made {_day(t.created)}, {used}  {t.label}"
        )
        say(said.rstrip(), as_json=as_json, **asdict(t))


@words.command()
@click.argument("number", type=int)
@as_json
def revoke(number: int, as_json: bool) -> None:  # noqa: FBT001
    """End the token NUMBER (see `partstat tokens`): nothing opens with it any more."""
    tokens.revoke(here(), number)
    say("Revoked.", as_json=as_json, revoked=number)


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


@words.command("catch-up")
@as_json
def catch_up(as_json: bool) -> None:  # noqa: FBT001
    """Publish everything that is marked."""
    house = here()
    report = publish.catch_up(house, Lane.NOW)
    report += publish.catch_up(house, Lane.LATER)
    _report(report, as_json=as_json)


def _report(report: Report, *, as_json: bool) -> None:
    text = (
        f"{report.looked} events looked at, {report.changed} changed, {report.waiting} waiting for the rest of their "
        f"rows, {report.quarantined} set aside"
    )
    say(text, as_json=as_json, **asdict(report))


@words.command()
@as_json
def adopt(as_json: bool) -> None:  # noqa: FBT001
    """Publish, in silence, what stood in the CRM before us."""
    house = here()
    with Progress(console=Console(stderr=True), disable=as_json) as bar:
        task = bar.add_task("calendars", total=None)
        adopted = adopting.adopt(house, progress=lambda done, of: bar.update(task, completed=done, total=of))
    text = f"{adopted.calendars} calendars, {adopted.events} events"
    say(text, as_json=as_json, calendars=adopted.calendars, events=adopted.events)


@words.command()
@click.option("--rebuild", is_flag=True, help="First throw away whatever can be made again.")
@as_json
def reconcile(rebuild: bool, as_json: bool) -> None:  # noqa: FBT001
    """Compare everything published with the CRM's rows and mend it, in silence."""
    _report(comparing.reconcile(here(), rebuild=rebuild), as_json=as_json)


@words.command()
@as_json
def restored(as_json: bool) -> None:  # noqa: FBT001
    """Say that the database came back from a backup: no SEQUENCE steps back, and nothing old is sent."""
    events = moving_in.restored(here())
    say(f"{events} events will carry a higher SEQUENCE than was ever sent.", as_json=as_json, events=events)


@words.command()
@as_json
def doctor(as_json: bool) -> None:  # noqa: FBT001
    """Tell what waits, what was set aside, what is held and owed; ends with 1 where something is wrong."""
    found = examining.examine(here())
    for f in found:
        say(f"{f.level:8} {f.what:14} {f.detail}", as_json=as_json, **asdict(f))
    if any(f.level == "problem" for f in found):
        sys.exit(1)
