"""The few words to the owner of a meeting, of what only a person can answer."""

from __future__ import annotations

from html import escape

from gateway.letters.language import Language
from mappings.posting import Letter, Note, one_line


def letter(note: Note, language: Language) -> Letter:
    """Write a note; whoever's words they are can be replied to."""
    title = one_line(note.title) or language.say("untitled")
    opening = language.say(note.about, who=note.who, title=title)
    plain = "\n\n".join(filter(None, [opening, note.text])) + "\n"
    said = f'<p style="white-space: pre-wrap">{escape(note.text)}</p>' if note.text else ""
    html = f'<!doctype html><html><body style="font-family: sans-serif"><p>{escape(opening)}</p>{said}</body></html>\n'
    return Letter(opening, plain, html, language.tag)
