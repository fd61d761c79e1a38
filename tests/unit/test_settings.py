"""Where settings come from, what wins, and what is refused."""

import re
import tomllib
from pathlib import Path

import pytest

from service.settings import (
    Settings,
    SettingsError,
    environment_name,
    environment_of,
    load_settings,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def written(folder: Path, text: str) -> dict[str, str]:
    path = folder / "thorax.toml"
    path.write_text(text, encoding="utf-8")
    return {"THORAX_CONFIG": str(path)}


def test_defaults_serve_this_machine_only() -> None:
    settings = load_settings({"THORAX_CONFIG": "/dev/null"})

    assert (settings.ae_title, settings.dicom_port, settings.http_port) == ("THORAX", 11112, 8080)
    assert settings.binds_loopback
    assert settings.effective_database_url.startswith("sqlite:///")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environment = written(tmp_path, 'ae_title = "FILE"\ndicom_port = 1111\n')

    settings = load_settings(environment | {"THORAX_AE_TITLE": "ENV"})

    assert (settings.ae_title, settings.dicom_port) == ("ENV", 1111)


def test_peers_and_destinations_come_from_the_file(tmp_path: Path) -> None:
    text = """
        [[peers]]
        ae_title = "PACS"
        address = "192.0.2.7"
        [[destinations]]
        name = "pacs"
        kind = "dicom"
        options = { host = "192.0.2.7", port = 104, ae_title = "PACS" }
    """

    settings = load_settings(written(tmp_path, text))

    assert settings.peers[0].ae_title == "PACS"
    assert settings.destinations[0].options["port"] == 104


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('colour = "red"', "colour"),
        ("dicom_port = 70000", "dicom_port"),
        ('ae_title = "MUCH TOO LONG A TITLE"', "ae_title"),
        ('[[destinations]]\nname = "A B"\nkind = "dicom"', "destinations.0.name"),
        ("dicom_port = ", "thorax.toml"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(named)):
        load_settings(written(tmp_path, text))


def test_two_destinations_of_one_name_are_refused(tmp_path: Path) -> None:
    one = '[[destinations]]\nname = "pacs"\nkind = "dicom"\n'

    with pytest.raises(SettingsError, match="same name"):
        load_settings(written(tmp_path, one + one))


def test_a_message_never_repeats_the_value(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, 'maximum_object_mb = "hunter2"'))

    assert "hunter2" not in caught.value.text


def test_a_missing_configuration_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({"THORAX_CONFIG": str(tmp_path / "absent.toml")})


@pytest.mark.parametrize("bind", ["0.0.0.0", "192.0.2.1", "::", "pacs.example"])
def test_binding_beyond_this_machine_needs_a_key(bind: str) -> None:
    environment = {"THORAX_CONFIG": "/dev/null", "THORAX_BIND": bind}

    with pytest.raises(SettingsError, match="api_keys"):
        load_settings(environment)
    assert load_settings(environment | {"THORAX_API_KEYS": "k1, k2"}).api_keys == ("k1", "k2")


def test_a_child_reads_the_same_settings(tmp_path: Path) -> None:
    environment = written(tmp_path, '[[destinations]]\nname = "here"\nkind = "folder"\n')
    settings = load_settings(
        environment | {"THORAX_HOME": str(tmp_path), "THORAX_API_KEYS": "a,b"}
    ).model_copy(update={"dicom_port": 4242, "broker_url": "redis://127.0.0.1:1/0"})

    child = environment_of(settings, Path(environment["THORAX_CONFIG"]))

    assert load_settings(child) == settings


def test_the_documented_table_is_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `?([^|`]*)`? \| `?([^|`]*)`? \| (.*) \|$",
                      DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)  # fmt: skip
    documented = {field: (variable, text.strip()) for field, variable, _, text in rows}

    expected = {}
    for field, info in Settings.model_fields.items():
        variable = (
            "-" if field in {"peers", "destinations", "prior_sources"} else environment_name(field)
        )
        expected[field] = (variable, info.description)
    assert documented == expected


def test_the_documented_example_is_valid(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None

    assert tomllib.loads(example[1])
    assert load_settings(written(tmp_path, example[1])).destinations


def test_an_unknown_structure_is_named() -> None:
    with pytest.raises(SettingsError, match=r"segments.*hart"):
        load_settings({"THORAX_CONFIG": "/dev/null", "THORAX_SEGMENTS": "heart, hart"})


def test_a_profile_s_name_or_keys_say_which_structures_go_out() -> None:
    for text in ("full", "heart,aorta"):
        settings = load_settings({"THORAX_CONFIG": "/dev/null", "THORAX_SEGMENTS": text})

        assert settings.segments == tuple(text.split(","))
