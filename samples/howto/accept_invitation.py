"""Accept an invitation: `python samples/howto/accept_invitation.py DATABASE LOGIN APPOINTMENT`.

Its twins are see-invitation.sql and ../raw-sql/accept-invitation.sql. The number is that of one's own row, as
get_invitations.py prints it. Accepting twice is no error, and changes nothing.
"""

import sys

from gateway import open_diary


def accept(database: str, login: str, appointment: int) -> str:
    """Look at an invitation and accept it; gives what became of it."""
    with open_diary(login, database) as diary:
        diary.seen(appointment)  # what the CRM does when somebody opens it
        done = diary.accept(appointment)
        return "accepted" if done.changed else "it was accepted already"


if __name__ == "__main__":
    print(accept(sys.argv[1], sys.argv[2], int(sys.argv[3])))
