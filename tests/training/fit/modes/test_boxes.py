import numpy as np
import pytest
import torch

from tests.training.fit.modes.conftest import Fitted
from tests.training.fit.phantoms import KEYS, SIDE, Discs, settings
from training.fit.batches import BatchPlan, Material
from training.fit.dataset import Sample
from training.fit.learner import new_learner
from training.fit.mode import Step, build_mode, target_of
from training.fit.modes.boxes import chosen

CPU = torch.device("cpu")


class BoxedDiscs(Discs):
    """The same pictures, of whose discs only the box is known."""

    def __getitem__(self, index: int) -> Sample:
        sample = super().__getitem__(index)
        masks = np.unpackbits(sample.packed, axis=-1, count=len(self.known)).astype(bool)
        for channel in np.flatnonzero(masks.any((0, 1))):
            rows, columns = np.nonzero(masks[..., channel])
            masks[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1, channel] = True
        packed = np.packbits(masks, axis=-1)
        return Sample(sample.water, sample.bone, packed, sample.known, is_film=True)


OWN = {"side": 16, "boxes_from_step": 12, "width": 8}


def test_the_loss_falls_with_boxes_mixed_in(fitted: Fitted) -> None:
    losses = fitted("boxes", OWN, 30, projections=Discs(), boxes=BoxedDiscs(is_film=True, seed=2))
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])


def test_a_box_is_filled_by_the_assistant_and_empty_outside() -> None:
    torch.manual_seed(0)
    mode = build_mode("boxes", OWN | {"boxes_from_step": 0, "crops": 3})
    learner = new_learner(settings(1), CPU, assistant=mode.assistant(len(KEYS)))
    material = Material({"boxes": BoxedDiscs(), "films": Discs()}, {"boxes": 1.0, "films": 1.0})
    batch = BatchPlan(material, mode, KEYS, 2, 48, 1, 0.0).make(0)
    assert batch.source == ("films", "boxes")
    assert learner.assistant is not None
    target, weight = target_of(batch), torch.zeros(batch.counts.shape)
    given = chosen(batch, [False, True], 3, np.random.default_rng(0))
    assert len(given) == 3
    mode._fill(learner.assistant, batch, given, (target, weight))  # type: ignore[attr-defined]  # noqa: SLF001
    box = target_of(batch)[1] > 0.5
    assert not (
        target[1].bool() & ~torch.nn.functional.max_pool2d(box.float(), 3, 1, 1).bool()
    ).any()
    outside = torch.nn.functional.max_pool2d(box.float(), 3, 1, 1) == 0
    assert (weight[1][outside] == 1).all()
    assert set(weight[1][~outside].unique().tolist()) <= {0.0, 0.5, 1.0}
    assert (weight[0] == 0).all()


def test_boxes_alone_are_refused() -> None:
    with pytest.raises(ValueError, match="source of masks"):
        build_mode("boxes", {}).check({"boxes": 1.0})


def test_the_assistant_learns_too() -> None:
    mode = build_mode("boxes", OWN)
    learner = new_learner(settings(1), CPU, assistant=mode.assistant(len(KEYS)))
    material = Material({"boxes": BoxedDiscs(), "films": Discs()}, {"boxes": 1.0, "films": 1.0})
    batch = BatchPlan(material, mode, KEYS, 2, SIDE - SIDE % 16, 1, 0.0).make(0)
    assert learner.assistant is not None
    mode.loss(
        Step(learner, learner.network.coarse, learner.assistant.coarse, batch, 0, 1)
    ).backward()
    assert all(p.grad is not None for p in learner.assistant.parameters())
