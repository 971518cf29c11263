"""The reports that look for principals (RFC 3744 9.2-9.5), with what CalendarServer's clients add to them.

Nobody finds more than they may see: by `directory`, colleagues or oneself alone. A search without a word of two letters
finds nobody, and at most a hundred are told; so a directory is looked things up in, and not read out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.errors import BadRequest
from gateway.store import directory
from gateway.store.directory import Principal
from gateway.web.answers import Reply
from gateway.web.dav import paths, principals, privileges, walking, xml
from gateway.web.dav.answering import cut, document, multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind, Place
from gateway.web.dav.properties import Wanted, plan, wanted
from mappings import model as m
from mappings.roles import ROLES

MOST: Final = 100  # principals that one search tells of
SHORTEST: Final = 2  # letters of a word that is looked for
_S: Final = f"{{{xml.SERVER}}}"
_C: Final = f"{{{xml.CALDAV}}}"
# Places under which all principals are; anywhere else, a question has to say that it means all of them.
_ABOVE: Final = frozenset({Kind.ROOT, Kind.PRINCIPALS})

Texts = Callable[[Principal], tuple[str, ...]]


def _boxes(one: Principal) -> tuple[str, ...]:
    return one.mailboxes


# Property -> what is searched, and how it is called for people. Addresses are searched without their scheme, and never
# by that of a resource, which all have in common.
SEARCHED: Final[Mapping[str, tuple[Texts, str]]] = {
    "{DAV:}displayname": (lambda one: (one.name,), "Name"),
    f"{_S}first-name": (lambda one: (one.first,), "First name"),
    f"{_S}last-name": (lambda one: (one.last,), "Last name"),
    f"{_S}email-address-set": (_boxes, "E-mail address"),
    f"{_C}calendar-user-address-set": (_boxes, "Calendar user address"),
}
_ADDRESSES: Final = (f"{_S}email-address-set", f"{_C}calendar-user-address-set")
MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, word: word in text,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
    "equals": lambda text, word: text == word,
}
_TESTS: Final[Mapping[str, Callable[[Iterable[bool]], bool]]] = {"allof": all, "anyof": any}
# In which part of the directory a search by words looks (CalendarServer: calendarserver-principal-search).
_CONTEXTS: Final[Mapping[str, frozenset[m.Kind]]] = {
    "": frozenset({m.Kind.ASSOCIATE, m.Kind.RESOURCE, m.Kind.ROOM}),
    "user": frozenset({m.Kind.ASSOCIATE}),
    "attendee": frozenset({m.Kind.ASSOCIATE, m.Kind.RESOURCE}),
    "resource": frozenset({m.Kind.RESOURCE}),
    "location": frozenset({m.Kind.ROOM}),
    "group": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Search:
    """One word, where it is looked for, and how."""

    word: str
    properties: tuple[str, ...]
    how: str = "contains"

    def finds(self, one: Principal) -> bool:
        """Tell whether any of the properties holds the word."""
        fits = MATCHES[self.how]
        known = (SEARCHED[name][0] for name in self.properties if name in SEARCHED)
        return any(fits(fold(text), self.word) for texts in known for text in texts(one))


def fold(text: str) -> str:
    """Give text as it is compared: without regard to case, and however its accents are written."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


# --- the reports ----------------------------------------------------------------------------------------------------


def property_search(ask: Ask, root: xml.Element) -> Reply:
    """Find principals by their properties (RFC 3744 9.4); CalendarServer's `test`, `type` and `match-type` count."""
    test = root.get("test", "allof")
    kind = root.get("type")
    if test not in _TESTS:
        raise BadRequest("test", "is neither allof nor anyof")
    searches = list(_searches(ask, root))
    if test == "anyof":  # among several, a word that is too short finds nobody by itself
        searches = [s for s in searches if len(s.word) >= SHORTEST]

    def fits(one: Principal) -> bool:
        return kind in (None, ROLES[one.kind].cutype) and _TESTS[test](s.finds(one) for s in searches)

    return _found(ask, root, searches, fits)


def word_search(ask: Ask, root: xml.Element) -> Reply:
    """Find principals with every word in their name or a mailbox (CalendarServer: calendarserver-principal-search)."""
    context = root.get("context", "")
    if context not in _CONTEXTS:
        raise BadRequest("context", f"is none of {', '.join(filter(None, _CONTEXTS))}")
    words = [fold((e.text or "").strip()) for e in root.findall(f"{_S}search-token")]
    searches = [Search(word, ("{DAV:}displayname", f"{_S}email-address-set")) for word in words if word]
    _check(ask, searches)
    return _found(
        ask, root, searches, lambda one: one.kind in _CONTEXTS[context] and all(s.finds(one) for s in searches)
    )


def search_properties(ask: Ask, _: xml.Element) -> Reply:
    """Tell by which properties principals can be searched for (RFC 3744 9.5)."""
    told = (
        b'<D:principal-search-property><D:prop>%s</D:prop><D:description xml:lang="en">%s</D:description>'
        b"</D:principal-search-property>\n" % (xml.empty(name), xml.text(description))
        for name, (_, description) in SEARCHED.items()
    )
    return document(ask, "principal-search-property-set", b"".join(told))


def of_access(ask: Ask, root: xml.Element) -> Reply:
    """Give the principals that the list of access names by address or by a property (RFC 3744 9.2)."""
    walking.here(ask)  # a copy that there is not has no list
    named = ask.place.kind is Kind.PRINCIPAL or privileges.OWNER in privileges.LISTS.get(ask.place.kind, b"")
    return multistatus(ask, [_response(ask, wanted(root), ask.me)] if named else ())


# --- how they are found ---------------------------------------------------------------------------------------------


def _searches(ask: Ask, root: xml.Element) -> Iterator[Search]:
    """Read what is searched: several searches, and several properties of one, are conditions of their own."""
    found = []
    for element in root.findall("{DAV:}property-search"):
        properties = [str(p.tag) for p in element.iterfind("{DAV:}prop/*")]
        match = element.find("{DAV:}match")
        if match is None or not properties:
            raise BadRequest("property-search", "has no property to search, or nothing to match")
        how = match.get("match-type", "contains")
        if how not in MATCHES:
            raise BadRequest("match-type", f"is none of {', '.join(MATCHES)}")
        word = fold((match.text or "").strip())
        bare = word.removeprefix("mailto:")
        found += [Search(bare if name in _ADDRESSES else word, (name,), how) for name in properties]
    if not found:
        raise BadRequest("property-search", "is missing")
    _check(ask, found)
    return iter(found)


def _check(ask: Ask, searches: list[Search]) -> None:
    most = ask.house.settings.max_filter_conditions
    if len(searches) > most:
        raise BadRequest("search", f"has more than {most} conditions")


def _found(ask: Ask, root: xml.Element, searches: list[Search], fits: Callable[[Principal], bool]) -> Reply:
    """Answer a search; the first by name are told where there are too many."""
    if not any(len(s.word) >= SHORTEST for s in searches):
        return multistatus(ask, ())
    known, more = _known(ask, everywhere=root.find("{DAV:}apply-to-principal-collection-set") is not None)
    found = sorted((one for one in known if fits(one)), key=lambda one: (fold(one.name), one.associate_id))
    most = min(MOST, ask.house.settings.max_results, _limit(root))
    asked = wanted(root)
    responses = [_response(ask, asked, one) for one in found[:most]]
    if more or len(found) > most:
        responses.append(cut(ask))
    return multistatus(ask, responses)


def _known(ask: Ask, *, everywhere: bool) -> tuple[list[Principal], bool]:
    """Give the principals in which a search looks: those at or below the place, or all that the asker sees."""
    if not everywhere and ask.place.kind not in _ABOVE:
        return ([ask.me] if ask.place.kind is Kind.PRINCIPAL else []), False
    if ask.house.settings.directory != principals.COLLEAGUES:
        return [ask.me], False
    everybody, more = directory.everybody(ask.house.store)
    me = next((one for one in everybody if one.associate_id == ask.entry.associate_id), None)
    if me is None or not principals.looks_up(ask, me):
        return [ask.me], False
    # Whose login no address can hold, nobody could ask for.
    return [one for one in everybody if paths.plain(one.login)], more


def _response(ask: Ask, asked: Wanted, one: Principal) -> bytes:
    mine = one.associate_id == ask.entry.associate_id
    kind = Kind.PRINCIPAL if mine else Kind.COLLEAGUE
    href = paths.href(ask.prefix, Place(Kind.PRINCIPAL, one.login))
    return plan(kind, asked, minimal=ask.minimal).response(ask, xml.text(href), one)


def _limit(root: xml.Element) -> int:
    """Give how many are wanted at most, as RFC 5323 5.17 or CalendarServer write it."""
    for space in ("{DAV:}", _S):
        told = root.findtext(f"{space}limit/{space}nresults")
        if told is not None:
            if not (told.strip().isascii() and told.strip().isdigit() and len(told) < 10 and int(told)):
                raise BadRequest("nresults", "is not a number above 0")
            return int(told)
    return MOST
