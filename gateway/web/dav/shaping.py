"""The text of copies in the form that a report wants it: expanded, limited, chosen parts of it (RFC 4791 9.6).

How much one answer may expand to is counted over all its copies, for one question can be put to thousands of them.
"""

from __future__ import annotations

from gateway.errors import TooMuch
from gateway.store.objects import Body
from gateway.web.dav.asking import Ask
from gateway.web.dav.forms import Form
from mappings.ics import expanding, selecting, writing
from mappings.ics.instances import instances


class Shaper:
    """Gives copies their text, for one answer."""

    def __init__(self, ask: Ask, form: Form) -> None:
        self.form = form
        self._zones = ask.with_zones
        self._most = ask.house.settings.max_instances
        self._left = self._most
        self.plain = form == Form() and self._zones  # copies are given as they are

    @property
    def spans(self) -> bool:
        """Tell whether a copy's instances are needed."""
        return bool(self.form.expand or self.form.recurrences)

    def __call__(self, copy: Body) -> Body:
        """Give a copy its text; raises TooMuch where all of them together have too many instances."""
        if self.plain:
            return copy
        data = self._expanded(copy) if self.form.expand else self._limited(copy)
        copy.give(selecting.selected(data, self.form.selection) if self.form.selection else data)
        return copy

    def shows(self, copy: Body) -> bool:
        """Tell whether anything of a copy is left in the range that it is expanded to."""
        if not self.form.expand:
            return True
        spans = copy.spans or instances(copy.data)
        return any(expanding.overlaps(start, end, *self.form.expand) for _, start, end in spans)

    def _limited(self, copy: Body) -> bytes:
        data = copy.data
        if self.form.recurrences:
            data = selecting.limited(data, *self.form.recurrences, copy.spans)
        return data if self._zones else selecting.without_zones(data)

    def _expanded(self, copy: Body) -> bytes:
        assert self.form.expand is not None
        some, spans = copy.components, copy.spans
        if copy.frozen:
            some = [pair for _, text in some for pair in expanding.components(text)]
            spans = spans or instances(copy.data)
        found = expanding.expanded(some, spans, *self.form.expand)
        self._left -= len(found)
        if self._left < 0:
            raise TooMuch("occurrences", self._most)
        return writing.envelope(found, ())
