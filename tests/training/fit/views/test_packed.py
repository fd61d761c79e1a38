"""Training from shards: the same samples, the same weights, and the split holds."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.fit.phantoms import settings
from tests.training.pack.sets import VIEWS, add_lateral, run_of
from training.channels import trained_index
from training.experiment import FitRecipe, PackRecipe, Phase
from training.fit.batches import BatchPlan, Material, SampleSource, ahead
from training.fit.dataset import Sample
from training.fit.loop import fit
from training.fit.mode import build_mode
from training.fit.views.packed import PackedViews
from training.fit.views.projected import ProjectedViews
from training.misspelt import ExperimentError
from training.pack.index import NoPackedSet
from training.pack.shard import CorruptShard
from training.pack.stage import pack_samples

NAMES = ("a", "b", "c", "d")
SPLIT = PackRecipe(
    validation=["c"], test=["d"], validation_share=0, test_share=0, shard_samples=2
)  # fmt: skip
KEYS = ("heart", "right_lung")
PHASE = Phase(name="only", steps=1, learning_rate=0.1, projections=1)


def recipe(**changes: object) -> FitRecipe:
    given: dict[str, object] = {"batch": 2, "size": 32, "phases": [PHASE], "source": "packed"}
    return FitRecipe.model_validate(given | changes)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    run = run_of(tmp_path, {name: name for name in NAMES}, SPLIT)
    add_lateral(tmp_path, NAMES)
    pack_samples(run, tmp_path / "pack")
    return tmp_path


def packed(work: Path, *, lateral: bool = False, **changes: object) -> PackedViews:
    return PackedViews(work / "pack", recipe(**changes), lateral=lateral)


def assert_same(one: SampleSource, other: SampleSource) -> None:
    assert len(one) == len(other)
    assert one.known.tolist() == other.known.tolist()
    for index in range(len(one)):
        for name in ("water", "bone", "packed", "known", "is_film"):
            first, second = (getattr(source[index], name) for source in (one, other))
            np.testing.assert_array_equal(first, second, strict=True)


@pytest.mark.parametrize("lateral", [False, True])
def test_shards_give_the_samples_that_the_stacked_views_give(work: Path, *, lateral: bool) -> None:
    asked = recipe(ignore={"a": ["heart"]}, subjects=["a", "b"])
    projected = ProjectedViews(work / "project", asked, lateral=lateral)
    shards = PackedViews(work / "pack", asked, lateral=lateral)

    assert shards.trained == projected.trained == ("a", "b")
    assert_same(
        shards.samples(shards.trained, ["trachea"]),
        projected.samples(projected.trained, ["trachea"]),
    )


def test_frontal_and_lateral_views_are_never_mixed(work: Path) -> None:
    frontal, lateral = packed(work), packed(work, lateral=True)

    pictures = [
        {sample.water.tobytes() for sample in _all(views.samples(NAMES))}
        for views in (frontal, lateral)
    ]

    assert [len(found) for found in pictures] == [VIEWS * len(NAMES)] * 2
    assert not pictures[0] & pictures[1]


def _all(source: SampleSource) -> list[Sample]:
    return [source[index] for index in range(len(source))]


def test_what_a_direction_shows_is_known_without_its_pictures(tmp_path: Path) -> None:
    run = run_of(tmp_path, {"a": "a"}, PackRecipe(validation_share=0, test_share=0))
    add_lateral(tmp_path, ["a"])
    _without(tmp_path / "project" / "lateral" / "a.npz", "heart")
    pack_samples(run, tmp_path / "pack")
    shown = {False: {"heart", "right_lung"}, True: {"right_lung"}}  # known, not there: trachea
    for shard in (tmp_path / "pack" / "train").iterdir():
        shard.unlink()

    for lateral, expected in shown.items():
        projected = ProjectedViews(tmp_path / "project", recipe(), lateral=lateral)
        assert projected.shown(["a"]) == packed(tmp_path, lateral=lateral).shown(["a"]) == expected
    assert packed(tmp_path).shown([]) is None


def _without(path: Path, key: str) -> None:
    """Take a structure out of the pictures, not out of what is known of them."""
    with np.load(path) as file:
        arrays = dict(file)
    place = trained_index(key)
    arrays["masks"][..., place // 8] &= ~np.uint8(128 >> place % 8)
    np.savez(path, **arrays)


def test_the_split_says_who_is_trained_on_who_chooses_and_who_scores(work: Path) -> None:
    views = packed(work)

    assert (views.trained, views.held, views.scored) == (("a", "b"), ("c",), ("d",))


def test_the_recipe_may_name_fewer_and_hold_out_more(work: Path) -> None:
    assert packed(work, subjects=["b"]).trained == ("b",)
    views = packed(work, validate_on={"subjects": ["a"]})
    assert (views.trained, views.held) == (("b",), ("c", "a"))


def test_without_a_test_split_those_who_choose_are_scored(tmp_path: Path) -> None:
    split = PackRecipe(validation=["b"], validation_share=0, test_share=0)
    pack_samples(run_of(tmp_path, {"a": "a", "b": "b"}, split), tmp_path / "pack")
    assert packed(tmp_path).scored == ("b",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subjects": ["a", "c"]}, "fit.subjects: c is in the split validation"),
        ({"subjects": ["d"]}, "fit.subjects: d is in the split test"),
        ({"validate_on": {"subjects": ["d"]}}, "validate_on.subjects: d is in the split test"),
    ],
)
def test_a_recipe_against_the_split_is_refused_by_name(
    work: Path, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(ExperimentError, match=said):
        packed(work, **changes)


def test_a_cut_shard_is_refused_by_name_until_it_is_packed_again(work: Path) -> None:
    views = packed(work)
    shard = work / "pack" / "train" / "b-001.tar"
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-100])

    assert len(views.samples(["a"])) == VIEWS
    with pytest.raises(CorruptShard, match=r"b-001\.tar: .* bytes, not"):
        views.samples(views.trained)

    shard.write_bytes(whole)
    assert len(views.samples(views.trained)) == 2 * VIEWS


def test_without_a_packed_set_the_stage_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoPackedSet, match="thorax-train pack"):
        packed(tmp_path)


class Killed(Exception):
    """The process is no more."""


class Dying:
    """A source that kills the run after a number of samples was drawn."""

    def __init__(self, source: SampleSource, drawn: int) -> None:
        self._source = source
        self._left = drawn
        self.known = source.known

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int) -> Sample:
        self._left -= 1
        if self._left < 0:
            raise Killed
        return self._source[index]


def _material(source: SampleSource) -> Material:
    return Material({"projections": source}, {"projections": 1.0})


def _weights(path: Path) -> dict[str, torch.Tensor]:
    stored = torch.load(path, weights_only=True)
    return {f"{part} {key}": value for part in ("network", "teacher")
            for key, value in stored[part].items()}  # fmt: skip


def test_a_killed_run_from_shards_ends_with_the_weights_of_an_unbroken_one_from_memory(
    work: Path,
) -> None:
    chosen = settings(4, keys=KEYS)
    for name in ("memory", "shards"):
        (work / name).mkdir()
    asked = recipe(subjects=["a", "b"])
    projected = ProjectedViews(work / "project", asked, lateral=False)
    unbroken = fit(_material(projected.samples(projected.trained)), chosen, work / "memory")

    def source() -> SampleSource:
        views = packed(work)  # opened anew, as the next process does
        return views.samples(views.trained)

    with pytest.raises(Killed):
        fit(_material(Dying(source(), 2 * chosen.batch)), chosen, work / "shards")
    resumed = fit(_material(source()), chosen, work / "shards")

    one, other = _weights(unbroken), _weights(resumed)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)


def _plan(source: SampleSource, batch: int, first_place: int = 0) -> BatchPlan:
    picker = build_mode("supervised", {})
    return BatchPlan(_material(source), picker, KEYS, batch, 32, 7, 1.0, first_place)


def test_processes_and_threads_share_out_the_batch_of_one(work: Path) -> None:
    views = packed(work)
    whole = _plan(views.samples(views.trained), 4)
    halves = [_plan(packed(work).samples(views.trained), 2, first) for first in (0, 2)]

    threaded = list(ahead(whole, range(3), workers=3))

    for step in reversed(range(3)):  # in any order
        alone = whole.make(step)
        parts = [half.make(step) for half in halves]
        assert torch.equal(alone.strong, torch.cat([part.strong for part in parts]))
        assert torch.equal(alone.counts, torch.cat([part.counts for part in parts]))
        assert torch.equal(alone.strong, threaded[step].strong)
