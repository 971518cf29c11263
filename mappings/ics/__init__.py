"""The only door to iCalendar text (RFC 5545): `writing` and `zones` go out, `reading` comes in."""
