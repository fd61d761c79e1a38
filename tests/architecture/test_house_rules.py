"""Rules of this house that no linter knows."""

import ast
import re

import pytest

from service.telemetry.redaction import ALLOWED_KEYS
from tests.architecture.sources import Source, sources

SERVICE = sources("service")
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "base", "manager", "misc", "core"}
MAY_READ_THE_ENVIRONMENT = {
    "service/settings.py": "the one reader of THORAX_*",
    "service/supervisor.py": "hands its environment on to Redis",
    "service/imaging/decode_child.py": "limits numpy's threads before numpy is imported",
}
LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception"}
EVENT_NAME = re.compile(r"[a-z][a-z0-9_]{2,63}")
KEYS_OF_STRUCTLOG = {"exc_info"}


def log_calls(source: Source) -> list[ast.Call]:
    """Return calls like `log.info(...)`."""
    return [
        call
        for call in source.calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in LOG_METHODS
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in {"log", "logger"}
    ]


def events(name: ast.expr) -> list[str]:
    """Return the fixed names that the expression chooses from; one that fits none otherwise."""
    if isinstance(name, ast.IfExp):
        return events(name.body) + events(name.orelse)
    return [str(name.value)] if isinstance(name, ast.Constant) else ["not a fixed name"]


def calls_of(source: Source, name: str) -> list[ast.Call]:
    return [
        call for call in source.calls() if isinstance(call.func, ast.Name) and call.func.id == name
    ]


def attributes(source: Source, *names: str) -> list[ast.Attribute]:
    nodes = ast.walk(source.tree)
    return [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in names]


def test_only_the_session_commits() -> None:
    found = [
        source.place(node)
        for source in SERVICE
        for node in attributes(source, "commit", "rollback")
        if source.name != "service/persistence/session.py"
    ]

    assert found == []


def test_only_the_settings_read_the_environment() -> None:
    found = {
        source.name for source in SERVICE if attributes(source, "environ", "getenv", "environb")
    }

    assert found <= MAY_READ_THE_ENVIRONMENT.keys()


def test_an_event_is_a_fixed_name_and_never_formatted_text() -> None:
    wrong = [
        source.place(call)
        for source in SERVICE
        for call in log_calls(source)
        if len(call.args) != 1 or not all(map(EVENT_NAME.fullmatch, events(call.args[0])))
    ]

    assert wrong == []


def test_log_calls_format_no_values() -> None:
    wrong = [
        source.place(call)
        for source in SERVICE
        for call in log_calls(source)
        for node in ast.walk(call)
        if isinstance(node, ast.JoinedStr) and not is_a_number(node)
    ]

    assert wrong == []


def is_a_number(text: ast.JoinedStr) -> bool:
    """Return whether every formatted value has a number's format, as `0x{status:04X}` has."""
    values = [part for part in text.values if isinstance(part, ast.FormattedValue)]
    return all(value.format_spec is not None for value in values)


@pytest.mark.parametrize("function", ["", "bound_contextvars", "bind_contextvars"])
def test_every_key_that_is_logged_is_on_the_allow_list(function: str) -> None:
    # What is not listed would be dropped silently, which helps nobody either.
    wrong = [
        (source.place(call), keyword.arg)
        for source in SERVICE
        for call in (calls_of(source, function) if function else log_calls(source))
        for keyword in call.keywords
        if keyword.arg is not None and keyword.arg not in ALLOWED_KEYS | KEYS_OF_STRUCTLOG
    ]

    assert wrong == []


def test_log_calls_were_found() -> None:
    assert sum(len(log_calls(source)) for source in SERVICE) > 10


def test_modules_are_named_by_what_they_hold() -> None:
    names = {source.name for source in sources("service", "training")}

    wrong = [name for name in names if name.split("/")[-1][:-3] in NAMES_THAT_SAY_NOTHING]

    assert wrong == []


def test_every_module_says_why_it_exists() -> None:
    silent = [
        source.name
        for source in sources("service", "training")
        if source.text.strip() and ast.get_docstring(source.tree) is None
    ]

    assert silent == []


def test_blind_catches_are_explained() -> None:
    """`except Exception` stands at a process edge, and says which."""
    unexplained = [
        f"{source.name}:{number}"
        for source in SERVICE
        for number, line in enumerate(source.text.splitlines(), start=1)
        if re.search(r"except (Base)?Exception\b.*:\s*# noqa: BLE001\s*$", line)
    ]

    assert unexplained == []
