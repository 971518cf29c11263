"""Get the invitations that wait for an answer: `python samples/howto/get_invitations.py DATABASE LOGIN`.

Its twin is get-invitations.sql. What somebody has answered leaves the list.
"""

import sys

from gateway import open_diary
from gateway.diary import Item


def get(database: str, login: str) -> list[Item]:
    """Give what waits for somebody's answer, in the order of its start."""
    with open_diary(login, database) as diary:
        return diary.invitations()


if __name__ == "__main__":
    for invitation in get(*sys.argv[1:3]):
        print(invitation.appointment, invitation.start.isoformat(), invitation.title, "from", invitation.owner)
