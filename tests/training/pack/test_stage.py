"""Packing drawn subjects: splits, hashes, resuming, what scoring films never enter."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.training.pack.sets import HEART_ROWS, SIZE, VIEWS, run_of
from training.channels import trained_index
from training.experiment import PackRecipe
from training.pack.index import INDEX
from training.pack.reader import PackedSamples
from training.pack.split import Split
from training.pack.stage import pack_samples
from training.stage import hash_of

BY_NAME = PackRecipe(validation=["b"], test=["c"], validation_share=0, test_share=0)
ALONE = {"a": "a", "b": "b", "c": "c"}


def test_every_subject_lies_in_its_split_with_its_hash(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    pack_samples(run_of(tmp_path, ALONE, BY_NAME), folder)

    index = json.loads((folder / INDEX).read_text())

    assert {s["item"]: s["split"] for s in index["shards"]} == {
        "a": "train",
        "b": "validation",
        "c": "test",
    }
    assert index["counts"]["train"]["samples"] == VIEWS
    for shard in index["shards"]:
        assert hash_of(folder / shard["file"]) == shard["sha256"]


def test_packing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    run = run_of(tmp_path, ALONE, BY_NAME)
    for folder in ("one", "two"):
        pack_samples(run, tmp_path / folder)
    assert (tmp_path / "one" / INDEX).read_bytes() == (tmp_path / "two" / INDEX).read_bytes()


def test_large_subjects_are_cut_into_several_shards(tmp_path: Path) -> None:
    recipe = BY_NAME.model_copy(update={"shard_samples": 2})
    pack_samples(run_of(tmp_path, ALONE, recipe), tmp_path / "pack")

    names = sorted(path.name for path in (tmp_path / "pack" / "train").iterdir())

    assert names == ["a-000.tar", "a-001.tar"]
    assert len(PackedSamples(tmp_path / "pack", Split.TRAIN)) == VIEWS


def test_areas_are_shares_of_the_picture_and_unknown_is_not_absent(tmp_path: Path) -> None:
    pack_samples(run_of(tmp_path, ALONE, BY_NAME), tmp_path / "pack")

    with np.load(tmp_path / "pack" / "areas" / "a.npz") as file:
        areas = file["areas"]

    assert areas[:, trained_index("heart")] == pytest.approx(HEART_ROWS / SIZE)
    assert areas[:, trained_index("right_lung")] == pytest.approx(0.5)
    assert areas[:, trained_index("trachea")] == pytest.approx(0)
    assert np.isnan(areas[:, trained_index("left_lung")]).all()


def test_a_subject_that_cannot_be_read_is_named_and_the_rest_is_packed(tmp_path: Path) -> None:
    run = run_of(tmp_path, ALONE, BY_NAME)
    (run.projected / "b.npz").write_bytes(b"PK\x03\x04 cut off")

    stage = pack_samples(run, tmp_path / "pack")

    assert set(stage.items) == {"a", "c"}
    assert "BadZipFile" in stage.failed["b"]["reason"]


def test_moving_a_subject_to_another_split_takes_its_shard_along(tmp_path: Path) -> None:
    run = run_of(tmp_path, ALONE, BY_NAME)
    pack_samples(run, tmp_path / "pack")
    moved = run_of(tmp_path / "again", ALONE, BY_NAME.model_copy(update={"test": ["a", "c"]}))

    pack_samples(moved, tmp_path / "pack")

    assert [p.name for p in (tmp_path / "pack" / "train").iterdir()] == []
    assert len(PackedSamples(tmp_path / "pack", Split.TEST)) == 2 * VIEWS


def test_a_shard_that_was_cut_off_is_packed_again_and_alone(tmp_path: Path) -> None:
    run = run_of(tmp_path, ALONE, BY_NAME)
    folder = tmp_path / "pack"
    pack_samples(run, folder)
    cut, other = folder / "train" / "a-000.tar", folder / "test" / "c-000.tar"
    whole, written = cut.read_bytes(), other.stat().st_mtime_ns
    cut.write_bytes(whole[: len(whole) // 2])

    pack_samples(run, folder)

    assert cut.read_bytes() == whole
    assert other.stat().st_mtime_ns == written


def test_scoring_films_are_packed_nowhere(tmp_path: Path) -> None:
    pack_samples(run_of(tmp_path, {"a": "a"}, PackRecipe(test_share=0, validation_share=0), 20),
                 tmp_path / "pack")  # fmt: skip

    films = {split: PackedSamples(tmp_path / "pack", split, kind="film") for split in Split}

    assert {split: len(samples) for split, samples in films.items()} == {
        Split.TRAIN: 18,
        Split.VALIDATION: 2,
        Split.TEST: 0,
    }
    greys = {int(s[n].water.max()) for s in films.values() for n in range(len(s))}
    assert greys == set(range(40, 60))
