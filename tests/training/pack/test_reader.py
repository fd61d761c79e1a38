"""Reading packed samples: the same as what was projected, damaged files named, ranks disjoint."""

import gc
import io
import json
import pickle
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import webdataset

from tests.training.pack.sets import VIEWS, drawn_masks, run_of
from training.channels import TRAINED_KEYS
from training.experiment import PackRecipe
from training.fit.dataset import Projections
from training.pack.reader import PackedSamples
from training.pack.shard import CorruptShard, PackedSample
from training.pack.split import Split
from training.pack.stage import pack_samples

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


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [cut_off, remove])
def test_a_shard_that_is_not_there_whole_is_named_and_left_out(
    packed: Path, damage: Callable[[Path], None]
) -> None:
    damage(packed / "train" / "a-000.tar")

    samples = PackedSamples(packed, Split.TRAIN)

    assert len(samples) == VIEWS
    ((file, reason),) = samples.left_out.items()
    assert file == "train/a-000.tar"
    assert reason.startswith("a-000.tar: ")


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_byte_that_changed_is_found_when_its_sample_is_read(packed: Path, place: float) -> None:
    path = packed / "train" / "a-000.tar"
    whole = [PackedSamples(packed, Split.TRAIN)[n].water for n in range(VIEWS)]
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)
    samples = PackedSamples(packed, Split.TRAIN)

    damaged = int(place * VIEWS)  # samples are of one size
    with pytest.raises(CorruptShard, match=r"a-000\.tar: .* not what was written"):
        _ = samples[damaged]

    for other in set(range(VIEWS)) - {damaged}:
        np.testing.assert_array_equal(samples[other].water, whole[other])


def test_a_half_written_file_in_the_folder_is_no_shard(packed: Path) -> None:
    part = packed / "train" / ".part-0123abcd-a-000.tar"
    part.write_bytes((packed / "train" / "a-000.tar").read_bytes()[:5000])

    assert len(PackedSamples(packed, Split.TRAIN)) == 2 * VIEWS


def test_reading_keeps_neither_pictures_nor_open_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    side, count = 128, 48
    random = np.random.default_rng(0)
    noise = random.random((side, side)).astype(np.float16)
    masks = np.zeros((side, side, (len(TRAINED_KEYS) + 7) // 8), np.uint8)
    drawn = [PackedSample("a", "PA", noise, noise, masks, ("heart",))] * count
    monkeypatch.setattr("training.pack.stage.projected", lambda *_: iter(drawn))
    pack_samples(run_of(tmp_path, {"a": "a"}, ALL_TRAIN.model_copy(update={"shard_samples": 2})),
                 tmp_path / "pack")  # fmt: skip
    samples = PackedSamples(tmp_path / "pack", Split.TRAIN)
    one = samples[0]
    size = one.water.nbytes + one.bone.nbytes + one.packed.nbytes
    opened = len(list(Path("/proc/self/fd").iterdir()))

    tracemalloc.start()
    for index in range(count):
        _ = samples[index]
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(samples) == count
    assert len(list(Path("/proc/self/fd").iterdir())) == opened
    assert kept < 2 * size
    assert most < 6 * size < count * size / 4


def test_a_reader_travels_to_another_process_without_its_bytes(packed: Path) -> None:
    samples = PackedSamples(packed, Split.TRAIN)

    sent = pickle.dumps(samples)

    assert len(sent) < (packed / "train" / "a-000.tar").stat().st_size
    np.testing.assert_array_equal(pickle.loads(sent)[3].water, samples[3].water)  # noqa: S301
