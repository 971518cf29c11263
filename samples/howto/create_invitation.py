"""Create an invitation: `python samples/howto/create_invitation.py DATABASE` (twin: ../raw-sql/create-invitation.sql).

Ada invites her colleague Bo, Carla of another company, and the tasting room; they meet about Carla (person 42) and her
company (13). Prints the number of the new meeting, and whom it invited.
"""

import sys
from datetime import datetime

from gateway import open_diary


def create(database: str) -> int:
    """Invite, and give the number of the mother row."""
    with open_diary("ada", database) as diary:
        meeting = diary.invite(
            "Orchard planning",
            datetime(2006, 11, 30, 12, 15),  # on the clock of the CRM
            datetime(2006, 11, 30, 13, 45),
            guests=["bo", "Carla Moreau", "Tasting Room"],
            place="",  # else the room would give its name
            task="Meeting",
            company=13,
            person=42,
        )
        for answer in diary.responses(meeting.appointment).people:
            print(answer.appointment, answer.name, answer.partstat)
        return meeting.appointment


if __name__ == "__main__":
    print("The meeting is number", create(sys.argv[1]))
