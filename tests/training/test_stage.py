from pathlib import Path
from typing import Any

import pytest

from training.stage import Stage


def test_a_second_run_does_only_what_is_missing(tmp_path: Path) -> None:
    made: list[str] = []

    def make(name: str) -> dict[str, Any]:
        if name == "b" and "b" not in made:
            made.append(name)
            raise KeyboardInterrupt
        made.append(name)
        return {}

    with pytest.raises(KeyboardInterrupt):
        Stage.open(tmp_path, "label", {}, {}).each("abc", make)
    Stage.open(tmp_path, "label", {}, {}).each("abc", make)
    assert made == ["a", "b", "b", "c"]


def test_changed_settings_or_inputs_start_over(tmp_path: Path) -> None:
    Stage.open(tmp_path, "label", {"x": 1}, {"ingest": "a"}).each("a", lambda _: {})
    assert Stage.open(tmp_path, "label", {"x": 1}, {"ingest": "a"}).items
    assert not Stage.open(tmp_path, "label", {"x": 2}, {"ingest": "a"}).items
    assert not Stage.open(tmp_path, "label", {"x": 1}, {"ingest": "b"}).items
