"""A set is read whole or refused by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.pack.sets import VIEWS, run_of
from training.channels import TRAINED_KEYS
from training.experiment import PackRecipe
from training.pack.index import INDEX, NoPackedSet, read_index
from training.pack.stage import pack_samples

ALL_TRAIN = PackRecipe(validation_share=0, test_share=0)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    pack_samples(run_of(tmp_path, {"a": "a"}, ALL_TRAIN), tmp_path / "pack")
    return tmp_path / "pack"


def rewrite(packed: Path, **changes: Any) -> None:  # noqa: ANN401 - any JSON
    index = json.loads((packed / INDEX).read_text())
    (packed / INDEX).write_text(json.dumps(index | changes))


def test_blocks_lie_behind_each_other_and_fill_the_shard(packed: Path) -> None:
    (shard,) = read_index(packed).shards

    starts, sizes = shard.blocks[:, 0], shard.blocks[:, 1]
    end_of_tar = 1024
    assert len(starts) == len(shard.views) == VIEWS
    assert starts.tolist() == [0, *sizes.cumsum()[:-1].tolist()]
    assert sizes.sum() + end_of_tar == shard.bytes == (packed / shard.file).stat().st_size


def test_a_folder_without_a_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoPackedSet, match="thorax-train pack"):
        read_index(tmp_path)


@pytest.mark.parametrize(
    "changes", [{"channels": [*TRAINED_KEYS[1:], TRAINED_KEYS[0]]}, {"format": 1}]
)
def test_a_set_of_other_channels_or_format_is_refused(
    packed: Path, changes: dict[str, Any]
) -> None:
    rewrite(packed, **changes)
    with pytest.raises(NoPackedSet, match="pack it again"):
        read_index(packed)


def test_an_index_of_before_the_last_packing_is_refused(tmp_path: Path, packed: Path) -> None:
    before = (packed / INDEX).read_bytes()
    pack_samples(run_of(tmp_path, {"a": "a", "b": "b"}, ALL_TRAIN), packed)
    (packed / INDEX).write_bytes(before)  # as a kill between shards and index leaves it

    with pytest.raises(NoPackedSet, match="not packed to its end"):
        read_index(packed)
