"""Every error has a row, and every row an answer for programs, for calendars, for people and for the command line."""

import inspect
import json
from typing import Any

import pytest
import structlog
from lxml import etree

import gateway.errors
import gateway.web.refusals
import mappings.errors
from gateway.errors import BadRequest, NotAdopted, SettingsError, TooLarge
from gateway.web import answers
from gateway.web.refusals import MethodNotAllowed, ReadOnly

MODULES = (gateway.errors, gateway.web.refusals, mappings.errors)
FAMILIES = {gateway.errors.GatewayError, mappings.errors.MappingError}
# What each parameter of an error's own may be.
SAMPLES: dict[str, Any] = {
    "limit": 7,
    "retry_after": 5,
    "line": 3,
    "allowed": ("GET",),
    "privilege": "bind",
    "kind": "prop-filter",
}


def classes() -> list[type[Exception]]:
    found = {
        c
        for module in MODULES
        for _, c in inspect.getmembers(module, inspect.isclass)
        if issubclass(c, Exception) and c.__module__ == module.__name__
    }
    return sorted(found - FAMILIES, key=lambda c: c.__name__)


def made(error: type[Exception]) -> Exception:
    named = [p for p in inspect.signature(error).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    return error(*(SAMPLES.get(p.name, f"the {p.name}") for p in named))


def test_every_class_has_a_row_and_every_row_a_class() -> None:
    assert set(answers.ANSWERS) == set(classes())


@pytest.mark.parametrize("error", classes(), ids=lambda c: c.__name__)
def test_each_is_answered_in_all_four_ways(error: type[Exception]) -> None:
    wrong = made(error)
    row = answers.ANSWERS[error]
    problem = answers.problem(wrong)
    document = json.loads(problem.body)
    assert problem.status == document["status"] == row.status
    assert document["type"].endswith(row.slug)
    assert document["detail"] == str(wrong)
    assert etree.fromstring(answers.dav(wrong).body).tag == "{DAV:}error"
    assert b"<h1>" in answers.page(wrong).body
    assert answers.line(wrong) == (row.leave, str(wrong))
    assert 0 < row.leave < 128


def test_slugs_tell_rows_apart() -> None:
    slugs = [row.slug for row in answers.ANSWERS.values()]
    assert len(slugs) == len(set(slugs))


def test_a_problem_names_the_field() -> None:
    document = json.loads(answers.problem(BadRequest("start", "is in the past")).body)
    assert (document["field"], document["rule"]) == ("start", "is in the past")
    assert json.loads(answers.problem(TooLarge(9)).body)["limit"] == 9
    assert json.loads(answers.problem(SettingsError("a", "b")).body)["problems"] == ["a", "b"]


def test_headers_that_an_answer_must_carry() -> None:
    assert ("Retry-After", "5") in answers.problem(NotAdopted(5)).headers
    assert ("Allow", "GET, HEAD") in answers.page(MethodNotAllowed(("GET", "HEAD"))).headers
    needed = etree.fromstring(answers.dav(ReadOnly("/a&b", "bind")).body)
    assert needed.findtext("{DAV:}need-privileges/{DAV:}resource/{DAV:}href") == "/a&b"


def test_a_class_that_nobody_listed_is_answered_as_its_family() -> None:
    class Newcomer(gateway.errors.NotFound):
        pass

    class Stranger(mappings.errors.MappingError):
        pass

    assert answers.answer(Newcomer()).status == 404
    assert answers.answer(Stranger()).status == 422


def test_of_what_nobody_thought_of_nothing_is_told() -> None:
    secret = "hunter2"
    with structlog.testing.capture_logs() as lines:
        error = KeyError(secret)
        told = [r(answers.noted(error)).body for r in (answers.problem, answers.dav, answers.page)]
    assert answers.line(error)[0] == 70
    assert not [t for t in told if secret.encode() in t or b"KeyError" in t]
    assert lines[0]["error"] == "KeyError"
    assert secret not in repr(lines)


def test_what_a_page_says_is_escaped() -> None:
    assert b"<script>" not in answers.page(BadRequest("<script>", "\x00 & \ud800")).body
    assert etree.fromstring(answers.dav(BadRequest("<x>", "\x00 & \ud800 \ufffe")).body) is not None
