"""A program that sends what is owed until it is killed; `tests/gateway/test_kill_mail.py` kills it.

python -m tests.sender DATABASE_URL SMTP_URL MAILBOX
"""

from __future__ import annotations

import sys

from gateway.mail.smtp import Smtp
from gateway.services import deliver
from gateway.services.house import House
from gateway.settings import load_settings


def main(database: str, smtp: str, mailbox: str) -> None:
    """Send for as long as one lives, and tell of each mail."""
    settings = load_settings(environ={}, database_url=database, mail_address=mailbox, smtp_url=smtp)
    house = House(settings)
    print("alive", flush=True)
    while deliver.deliver(house, Smtp(smtp), most=1):
        print("sent", flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
