"""docs/compatibility.md is what the tests beside this one give, and every *no* in it is explained."""

from tests.strangers import compatibility


def test_the_page_is_what_the_tests_give() -> None:
    told = compatibility.PAGE.read_text("utf-8")
    assert told == compatibility.page(), "run 'python -m tests.strangers.compatibility'"


def test_every_no_is_explained() -> None:
    rows = compatibility.spoken() + compatibility.run()
    assert len(rows) > 100
    assert len({(row.program, row.tried) for row in rows}) == len(rows)
    assert [row for row in rows if row.no and len(row.no.split()) < 5] == []
