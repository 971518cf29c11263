"""The words about messages: taking them in, what one would do, and which wait for a person, in and out."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import click

from gateway.cli.group import as_json, here, words
from gateway.cli.printing import say
from gateway.mail import imap, maildir
from gateway.mail import lmtp as listening
from gateway.services import explain as explaining
from gateway.services import held as holding
from gateway.services import ingest as taking_in
from gateway.services import mails, moving_in
from gateway.services import proposals as proposing
from gateway.services.explain import Explained, Would
from gateway.services.ingest import Ended
from mappings import times


@words.command()
@click.argument("file", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--trusted", is_flag=True, help="You vouch for the sender: the answer is applied.")
@as_json
def ingest(file: Path, *, trusted: bool, as_json: bool) -> None:
    """Take in a mail or calendar message from FILE, or - for standard input; prints its outcome first.

    FILE may be a Maildir: what is new in it is taken in and filed to its folders Processed, Held and Ignored.
    """
    house = here()
    if file.is_dir():
        for ended in maildir.take_in(house, file, vouched=trusted):
            _say(ended, as_json=as_json)
        return
    with click.open_file(str(file), "rb") as opened:
        raw = opened.read(house.settings.max_mail_bytes + 1)
    _say(taking_in.ingest(house, raw, door="cli", vouched=trusted), as_json=as_json)


@words.command()
@click.option("--trusted", is_flag=True, help="You vouch for all that stands in the mailbox.")
@as_json
def fetch(*, trusted: bool, as_json: bool) -> None:
    """Take in what stands in the IMAP mailbox, once, and file it there (needs the extra `mail`)."""
    _needed("imapclient", "IMAP")
    house = here()
    if not house.settings.imap_url:
        raise click.UsageError("no mailbox is set: PARTSTAT_IMAP_URL=imaps://user:password@host/INBOX")
    for ended in imap.take_in(house, vouched=trusted):
        _say(ended, as_json=as_json)


def _needed(module: str, what: str) -> None:
    if find_spec(module) is None:
        raise click.UsageError(f"{what} needs {module}: pip install 'partstat[mail]'")


@words.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8024, show_default=True, help="The port; 0 takes a free one.")
@click.option("--trusted", is_flag=True, help="You vouch for all that the mail server hands over.")
@as_json
def lmtp(host: str, port: int, *, trusted: bool, as_json: bool) -> None:
    """Take in what a mail server of your own hands over by LMTP (needs the extra `mail`)."""
    _needed("aiosmtpd", "LMTP")
    house = here()
    moving_in.check(house)

    def ready(at: int) -> None:
        say(f"listening for LMTP on {host} port {at}", as_json=as_json, host=host, port=at)

    try:
        listening.run(house, host, port, vouched=trusted, on_ready=ready)
    except OSError as error:
        raise click.UsageError(f"cannot listen on {host} port {port}: {error.strerror}") from error


@words.command()
@click.argument("file", type=click.File("rb"))
@click.option("--trusted", is_flag=True, help="As if you vouched for the sender.")
@as_json
def explain(file: BinaryIO, *, trusted: bool, as_json: bool) -> None:
    """Tell what a message would do, and why; nothing is kept and nothing changes. - reads standard input."""
    house = here()
    raw = file.read(house.settings.max_mail_bytes + 1)
    found = explaining.explain(house, raw, vouched=trusted)
    say(_told(found), as_json=as_json, **asdict(found))


def _told(found: Explained) -> str:
    lines = [f"{found.outcome} {found.reason}"]
    if found.believed:
        lines.append(f"  if somebody vouched for it: {found.believed}")
    lines.append(f"  from {', '.join(found.sender) or 'nobody'}; trust: {found.trust}")
    if found.uid:
        known = f"event {found.event}" if found.event else "no event of ours"
        lines.append(f"  {found.method or 'no METHOD'} for {found.uid}: {known}")
    lines += [f"  {_answered(one)}" for one in found.answers]
    lines += [f"  mended: {what}" for what in found.mended]
    return "\n".join(lines)


def _answered(one: Would) -> str:
    when = f" on {times.naive(one.occurrence):%Y-%m-%d %H:%M}" if one.occurrence else ""
    becomes = one.rule or f"type {one.type} status {one.status}"
    note = f" ({one.comment})" if one.comment else ""
    return f"{one.name}: {one.partstat}{note} to {one.title!r}{when}, appointment {one.appointment}: {becomes}"


@words.command()
@click.option("--release", type=int, metavar="NUMBER", help="Vouch for the sender of one, and judge it anew.")
@click.option("--discard", type=int, metavar="NUMBER", help="Decide that nothing comes of one.")
@click.option("--show", type=int, metavar="NUMBER", help="Print one as it was received.")
@as_json
def held(release: int | None, discard: int | None, show: int | None, *, as_json: bool) -> None:
    """List the messages that wait for a person, or decide about one."""
    if sum(one is not None for one in (release, discard, show)) > 1:
        raise click.UsageError("--release, --discard and --show: one at a time")
    house = here()
    if show is not None:
        sys.stdout.buffer.write(holding.raw(house, show))
    elif release is not None:
        _say(holding.release(house, release), as_json=as_json)
    elif discard is not None:
        _say(holding.discard(house, discard), as_json=as_json)
    else:
        for one in holding.held(house):
            came = datetime.fromtimestamp(one.received, UTC)
            text = (
                f"{one.number}  {came:%Y-%m-%d %H:%M}Z  {', '.join(one.sender) or 'nobody'}  {one.outcome} {one.reason}"
            )
            say(text, as_json=as_json, **asdict(one))


@words.command()
@click.option("--release", type=int, metavar="NUMBER", help="Let one go that was stopped or given up.")
@click.option("--release-all", is_flag=True, help="Let everything go that the brake has stopped.")
@click.option("--discard", type=int, metavar="NUMBER", help="Decide that one is never sent.")
@as_json
def outbox(release: int | None, release_all: bool, discard: int | None, *, as_json: bool) -> None:  # noqa: FBT001
    """List the mails that wait, were stopped by the brake or given up, or decide about them."""
    if (release is not None) + (discard is not None) + release_all > 1:
        raise click.UsageError("--release, --release-all and --discard: one at a time")
    house = here()
    if release is not None or release_all:
        count = mails.release(house, release)
        say(f"{count} to be sent.", as_json=as_json, released=count)
    elif discard is not None:
        mails.discard(house, discard)
        say("Never to be sent.", as_json=as_json, discarded=discard)
    else:
        for one in mails.waiting(house):
            planned = datetime.fromtimestamp(one.planned_at, UTC)
            to = one.recipient.removeprefix("mailto:")
            text = f"{one.outbox_id}  {planned:%Y-%m-%d %H:%M}Z  {one.state}  {one.method} to {to}  {one.error}"
            told = {"number": one.outbox_id, "planned": one.planned_at, "state": one.state, "method": one.method}
            say(text.rstrip(), as_json=as_json, **told, to=to, attempts=one.attempts, error=one.error)


@words.command()
@click.option("--accept", type=int, metavar="NUMBER", help="Move the meeting to the time that was proposed.")
@click.option("--decline", type=int, metavar="NUMBER", help="Let the time stand, and tell who proposed another.")
@as_json
def proposals(accept: int | None, decline: int | None, *, as_json: bool) -> None:
    """List other times that guests propose, or decide about one in its owner's name."""
    if accept is not None and decline is not None:
        raise click.UsageError("--accept and --decline: one at a time")
    house = here()
    if accept is not None:
        proposing.accept(house, accept)
        say("Moved; everybody is asked again.", as_json=as_json, accepted=accept)
    elif decline is not None:
        proposing.decline(house, decline)
        say("The time stands.", as_json=as_json, declined=decline)
    else:
        for one in proposing.waiting(house):
            zone = house.settings.timezone
            start, end = (times.naive(times.wall(moment, zone)) for moment in (one.start, one.end))
            text = f"{one.number}  {one.name} proposes {start:%Y-%m-%d %H:%M} to {end:%H:%M} for {one.title!r} of "
            text += one.owner + (" (to a former version)" if one.former else "")
            say(text + (f": {one.comment}" if one.comment else ""), as_json=as_json, **asdict(one))


def _say(ended: Ended, *, as_json: bool) -> None:
    told = {"outcome": ended.outcome, "reason": ended.reason, "inbox": ended.inbox_id}
    say(f"{ended.outcome} {ended.reason}", as_json=as_json, **told)
