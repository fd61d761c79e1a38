import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.errors import OutOfResources
from service.priors.secret import KEY_BYTES, KEY_FILE, load_key


def test_a_key_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"

    first = load_key(home, None)

    assert len(first) == KEY_BYTES
    assert load_key(home, None) == first
    assert stat.S_IMODE((home / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == [KEY_FILE]


def test_two_services_have_two_keys(tmp_path: Path) -> None:
    assert load_key(tmp_path / "one", None) != load_key(tmp_path / "other", None)


def test_processes_that_begin_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_key(tmp_path, None), range(32)))

    assert len(keys) == 1


def test_a_configured_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    assert load_key(tmp_path, "a configured key") == b"a configured key"
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "home"
    in_the_way.write_text("a file")

    with pytest.raises(OutOfResources) as raised:
        load_key(in_the_way, None)
    assert raised.value.code == "no_patient_key"
