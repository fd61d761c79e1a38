"""Sources of priors are made of the settings, or a wrong one is named."""

from pathlib import Path
from typing import Any

import pytest

from service.bootstrap import build_services, build_sources
from service.errors import UnknownPlugin
from service.settings import Settings, SettingsError

WEB = {"url": "https://pacs.example/dicom-web"}
ARCHIVE = {"host": "192.0.2.10", "port": 104, "ae_title": "PACS"}


def sources(tmp_path: Path, *configured: tuple[str, str, dict[str, Any]]) -> list[str]:
    given = [{"name": name, "kind": kind, "options": options} for name, kind, options in configured]
    services = build_services(Settings.model_validate({"home": tmp_path, "prior_sources": given}))
    try:
        return [each.name for each in build_sources(services, b"key")]
    finally:
        services.database.close()


def test_sources_are_asked_in_the_order_of_the_settings(tmp_path: Path) -> None:
    assert sources(tmp_path, ("web", "dicomweb", WEB), ("pacs", "dimse", ARCHIVE)) == [
        "web",
        "pacs",
    ]


@pytest.mark.parametrize(
    ("kind", "options", "named"),
    [
        ("dicomweb", {}, "prior source a: url"),
        ("dicomweb", {"url": "ftp://pacs"}, "prior source a: url"),
        ("dimse", ARCHIVE | {"port": 0}, "prior source a: port"),
        ("dimse", ARCHIVE | {"retrieve": "move"}, "move_ae_title"),
        ("dimse", ARCHIVE | {"timeout_seconds": 61}, "timeout_seconds"),
        ("dicomweb", WEB | {"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_option_is_named(
    tmp_path: Path, kind: str, options: dict[str, Any], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        sources(tmp_path, ("a", kind, options))


def test_a_secret_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        sources(tmp_path, ("a", "dicomweb", {"token": "hunter2", "user": 7}))

    assert "hunter2" not in raised.value.text


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlugin, match="dicomweb, dimse"):
        sources(tmp_path, ("a", "carrier pigeon", {}))


def test_all_sources_together_leave_an_analysis_its_time(tmp_path: Path) -> None:
    slow = WEB | {"timeout_seconds": 50}

    with pytest.raises(SettingsError, match="add up"):
        sources(tmp_path, *[(f"a{number}", "dicomweb", slow) for number in range(3)])


@pytest.mark.parametrize("names", [("a", "a"), ("database",)])
def test_names_are_unique_and_not_that_of_our_own(names: tuple[str, ...]) -> None:
    given = [{"name": name, "kind": "dicomweb", "options": WEB} for name in names]

    with pytest.raises(ValueError, match="prior_sources"):
        Settings.model_validate({"prior_sources": given})
