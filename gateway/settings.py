"""Every setting, read from four places and checked once, at start.

A value is looked for in this order: the environment (`PARTSTAT_TIMEZONE`), a file that the environment names
(`PARTSTAT_TIMEZONE_FILE`, for secrets), `partstat.toml` (`timezone`), the default. `PARTSTAT_CONFIG` names
another TOML file. An empty variable counts as one that is not set. A name that nobody reads is an error: a
misspelt setting must not be a silent one.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.errors import SettingsError
from gateway.setting_table import PREFIX, WITH_PASSWORDS, Settings, as_written, called, describe, mask_password

__all__ = ["Settings", "describe", "load_settings", "mask_password"]

CONFIG_VARIABLE = "PARTSTAT_CONFIG"
CONFIG_FILE = "partstat.toml"


class _Given(NamedTuple):
    """A value as somebody wrote it: under which name, and where."""

    name: str
    origin: str
    value: object


def load_settings(environ: Mapping[str, str] | None = None, cwd: Path | None = None, **overrides: object) -> Settings:
    """Read and check the settings; `overrides` win over everything, and one that is None is not given."""
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    problems: list[str] = []
    # The later update wins, so the order of these lines is the order of precedence, lowest first.
    given: dict[str, _Given] = {}
    given.update(_from_toml(environ, cwd, problems))
    given.update(_from_files(environ, cwd, problems))
    given.update(_from_environment(environ, problems))
    given.update({k: _Given(k, "given directly", v) for k, v in overrides.items() if v is not None})
    try:
        settings = Settings.model_validate({k: g.value for k, g in given.items()}, context={"cwd": cwd})
    except ValidationError as error:
        # A default that waits for another setting is no second problem when that one is wrong.
        wrong = [detail for detail in error.errors() if detail["type"] != "default_factory_not_called"]
        problems += [_in_words(detail, given) for detail in wrong]
    else:
        if not problems:
            return settings
    raise SettingsError(*problems)


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, _Given]:
    values = {called(name): name for name in Settings.model_fields}
    files = {f"{variable}_FILE" for variable in values}
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in {*values, *files, CONFIG_VARIABLE}:
            hint = _did_you_mean(variable.upper(), [*values, *files, CONFIG_VARIABLE])
            problems.append(f"{variable}: there is no such setting{hint} (from the environment)")
    return {
        name: _Given(variable, "from the environment", environ[variable])
        for variable, name in values.items()
        if environ.get(variable)
    }


def _from_files(environ: Mapping[str, str], cwd: Path, problems: list[str]) -> dict[str, _Given]:
    given = {}
    for name in Settings.model_fields:
        variable = f"{called(name)}_FILE"
        if not environ.get(variable):
            continue
        path = cwd / environ[variable]
        try:
            # Editors and `echo` end a file with a line break that is no part of the secret.
            text = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            problems.append(f"{variable}: cannot read '{path}': {_reason(error)} (from the environment)")
        else:
            given[name] = _Given(variable, f"in {path}", text)
    return given


def _from_toml(environ: Mapping[str, str], cwd: Path, problems: list[str]) -> dict[str, _Given]:
    named = environ.get(CONFIG_VARIABLE)
    path = cwd / (named or CONFIG_FILE)
    if not named and not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        name = CONFIG_VARIABLE if named else CONFIG_FILE
        problems.append(f"{name}: cannot read '{path}': {_reason(error)}")
        return {}
    except ValueError as error:  # not TOML, or not even UTF-8
        problems.append(f"{path}: is not valid TOML: {error}")
        return {}
    for key in table:
        if key not in Settings.model_fields:
            hint = _did_you_mean(key.lower(), list(Settings.model_fields))
            problems.append(f"{key}: there is no such setting{hint} (in {path})")
    return {k: _Given(k, f"in {path}", value) for k, value in table.items() if k in Settings.model_fields}


# What pydantic calls an error -> what it means, said after the value. A value_error is a rule of our own and
# speaks for itself.
_MEANINGS = {
    "bool_parsing": "is not true or false",
    "bool_type": "is not true or false",
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing_size": "is not a whole number of a usable size",
    "int_type": "is not a whole number",
    "string_type": "is not text",
    "greater_than_equal": "is less than {ge}",
    "literal_error": "is not one of {expected}",
    "value_error": "{error}",
}


def _in_words(detail: ErrorDetails, given: Mapping[str, _Given]) -> str:
    key = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":  # only an override can still be unknown here
        hint = _did_you_mean(key, list(Settings.model_fields))
        return f"{key}: there is no such setting{hint} (given directly)"
    source = given.get(key) or _Given(called(key), "the default", Settings.model_fields[key].default)
    meaning = _MEANINGS.get(detail["type"], detail["msg"]).format(**detail.get("ctx", {}))
    shown = mask_password(source.value) if key in WITH_PASSWORDS else source.value
    return f"{source.name}: {_quoted(shown)} {meaning} ({source.origin})"


def _quoted(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else as_written(value)


def _did_you_mean(name: str, known: list[str]) -> str:
    # Compared without the prefix, which would make any two variables look alike.
    bare = {key.removeprefix(PREFIX): key for key in known}
    close = difflib.get_close_matches(name.removeprefix(PREFIX), bare, n=1)
    return f"; did you mean {bare[close[0]]}?" if close else ""


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "it is not UTF-8 text"
