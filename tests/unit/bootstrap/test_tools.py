from pathlib import Path

import pytest

from service.bootstrap.tools import build_code_map, build_tools
from service.encoders.code_map import NO_CODE_MAP
from service.settings import Settings, SettingsError


def test_without_a_file_our_codes_stay() -> None:
    assert build_code_map(Settings()) is NO_CODE_MAP


def test_a_wrong_code_map_stops_the_start_with_the_setting_s_name(tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    path.write_text("codes = 3", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"code_map: .*codes\.toml: codes"):
        build_code_map(Settings(code_map=path))


def test_a_name_for_what_nobody_measures_stops_a_worker(tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    path.write_text('[names]\nshoe_size = "Size of the shoe"\n', encoding="utf-8")

    with pytest.raises(SettingsError, match="no measurement shoe_size"):
        build_tools(Settings(code_map=path))
