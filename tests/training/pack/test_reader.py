"""Reading packed samples: the same as what was projected, damaged files named, ranks disjoint."""

import gc
import io
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import webdataset

from tests.training.pack.sets import VIEWS, drawn_masks, run_of
from training.channels import TRAINED_KEYS
from training.experiment import PackRecipe
from training.fit.dataset import Projections
from training.pack.reader import OtherVocabulary, PackedSamples
from training.pack.split import Split
from training.pack.stage import INDEX, pack_samples

ALL_TRAIN = PackRecipe(validation_share=0, test_share=0)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    run = run_of(tmp_path, {"a": "a", "b": "b"}, ALL_TRAIN)
    pack_samples(run, tmp_path / "pack")
    return tmp_path / "pack"


def test_a_packed_sample_is_the_projected_one(packed: Path) -> None:
    expected = Projections(packed.parent / "project", {"a": ["heart"]}, ["trachea"])
    found = PackedSamples(packed, Split.TRAIN, ignore={"a": ["heart"]}, unknown=["trachea"])

    assert len(found) == len(expected) == 2 * VIEWS
    assert found.known.tolist() == expected.known.tolist()
    for index in range(len(expected)):
        for name in ("water", "bone", "packed", "known"):
            one, other = (getattr(samples[index], name) for samples in (found, expected))
            np.testing.assert_array_equal(one, other)
        assert not found[index].is_film


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_webdataset_streams_the_same_shards(packed: Path) -> None:
    shards = [str(path) for path in sorted((packed / "train").glob("*.tar"))]
    stream = list(webdataset.WebDataset(shards, shardshuffle=False))
    gc.collect()  # the library leaves its files open; here that is no error, later it would be one
    reader = PackedSamples(packed, Split.TRAIN)

    assert len(stream) == len(reader)
    for sample, expected in zip(stream, (reader[n] for n in range(len(reader))), strict=True):
        water = np.load(io.BytesIO(sample["water.npy"]))
        np.testing.assert_array_equal(water.astype(np.float32), expected.water)
        np.testing.assert_array_equal(
            np.load(io.BytesIO(sample["masks.npz"]))["masks"], drawn_masks()[0]
        )
        assert json.loads(sample["json"])["view"] in {"PA", "AP"}


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_ranks_read_disjoint_samples_and_equally_many(packed: Path, ranks: int) -> None:
    shares = [PackedSamples(packed, Split.TRAIN, rank=r, ranks=ranks) for r in range(ranks)]

    read = [share[n].water.tobytes() for share in shares for n in range(len(share))]

    assert len({len(share) for share in shares}) == 1
    assert len(read) == len(set(read)) == 2 * VIEWS // ranks * ranks


def test_views_can_be_chosen(packed: Path) -> None:
    assert len(PackedSamples(packed, Split.TRAIN, views=["AP"])) == 2  # one of each subject
    lateral = PackedSamples(packed, Split.TRAIN, views=["LATERAL"])
    assert (len(lateral), lateral.known.any()) == (0, False)


def damage_truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def damage_one_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def damage_missing(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [damage_truncated, damage_one_byte, damage_missing])
def test_a_damaged_shard_is_named_and_left_out(packed: Path, damage: object) -> None:
    damage(packed / "train" / "a-000.tar")  # type: ignore[operator]

    samples = PackedSamples(packed, Split.TRAIN)

    assert len(samples) == VIEWS
    ((file, reason),) = samples.left_out.items()
    assert file == "train/a-000.tar"
    assert reason.startswith("a-000.tar: ")


def test_a_set_with_other_channels_is_refused(packed: Path) -> None:
    index = json.loads((packed / INDEX).read_text())
    index["channels"] = [*TRAINED_KEYS[1:], TRAINED_KEYS[0]]
    (packed / INDEX).write_text(json.dumps(index))
    with pytest.raises(OtherVocabulary, match="pack it again"):
        PackedSamples(packed, Split.TRAIN)


def test_a_reader_travels_to_another_process_without_its_bytes(packed: Path) -> None:
    samples = PackedSamples(packed, Split.TRAIN)

    sent = pickle.dumps(samples)

    assert len(sent) < (packed / "train" / "a-000.tar").stat().st_size
    np.testing.assert_array_equal(pickle.loads(sent)[3].water, samples[3].water)  # noqa: S301
