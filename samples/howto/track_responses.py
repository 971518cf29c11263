"""Track who answered what: `python samples/howto/track_responses.py DATABASE LOGIN APPOINTMENT`.

Its twin is track-responses.sql. The number may be that of any row of the meeting.
"""

import sys

from gateway import open_diary
from gateway.diary import Answers


def track(database: str, login: str, appointment: int) -> Answers:
    """Give a meeting, how many declined it, and everybody's answer."""
    with open_diary(login, database) as diary:
        return diary.responses(appointment)


if __name__ == "__main__":
    found = track(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    print(found.meeting.title, "-", found.declined, "declined")
    for answer in found.people:
        print(answer.appointment, answer.name, answer.partstat, answer.reason)
