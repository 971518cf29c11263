"""What has to hold before a server starts."""

import socket

import pytest

from gateway.errors import BadRequest, SchemaOutOfDate
from gateway.settings import load_settings
from gateway.web import serving
from gateway.web.serving import free_port, serve


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port("127.0.0.1", port) <= port + serving.PORTS
    assert free_port("127.0.0.1", 0) > 0
    with pytest.raises(BadRequest):
        free_port("127.0.0.1", 65_536)


def test_nothing_starts_on_a_database_of_another_version(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(serving, "Beside")
    with pytest.raises(SchemaOutOfDate):
        serve(load_settings(environ={}, database_url=database_url), "127.0.0.1", 0)
