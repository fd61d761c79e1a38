from pathlib import Path

import pytest

from training.recipe_file import merged, read_content


def test_a_recipe_says_only_what_it_changes_of_its_base(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("name: base\nfit: {size: 256, batch: 8}\nfilms: [1, 2]\n")
    (tmp_path / "own.yaml").write_text("base: base.yaml\nname: own\nfit: {size: 512}\nfilms: [3]\n")
    assert read_content(tmp_path / "own.yaml") == {
        "name": "own",
        "fit": {"size": 512, "batch": 8},
        "films": [3],
    }


def test_a_base_may_have_a_base(tmp_path: Path) -> None:
    for name, text in (
        ("a", "x: 1\ny: 1\nz: 1"),
        ("b", "base: a\ny: 2\nz: 2"),
        ("c", "base: b\nz: 3"),
    ):
        (tmp_path / name).write_text(text)
    assert read_content(tmp_path / "c") == {"x": 1, "y": 2, "z": 3}


def test_null_takes_a_key_of_the_base_away() -> None:
    assert merged({"gates": {"chest": 0.9, "view": 0.5}}, {"gates": {"view": None}}) == {
        "gates": {"chest": 0.9}
    }


def test_a_circle_of_bases_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("base: b")
    (tmp_path / "b").write_text("base: a")
    with pytest.raises(ValueError, match="circle"):
        read_content(tmp_path / "a")


def test_merging_changes_neither_side() -> None:
    below, above = {"a": {"b": 1}}, {"a": {"c": 2}}
    assert merged(below, above) == {"a": {"b": 1, "c": 2}}
    assert (below, above) == ({"a": {"b": 1}}, {"a": {"c": 2}})
