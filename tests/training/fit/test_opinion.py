from collections.abc import Callable

import pytest
import torch

from tests.training.fit.phantoms import KEYS, Discs
from tests.training.fit.test_batches import ByShare
from training.fit.batches import Batch, BatchPlan, Material
from training.fit.mode import target_of, weight_of
from training.fit.network import build_network
from training.fit.opinion import SURELY_PRESENT, WEIGHT, with_lessons, with_opinions

Spoken = tuple[torch.Tensor, torch.Tensor]


def _batch(*, is_film: bool) -> Batch:
    material = Material({"one": Discs(known=("heart",), is_film=is_film)}, {"one": 1.0})
    return BatchPlan(material, ByShare(), KEYS, 2, 32, 1, 1.0).make(0)


def test_the_teacher_speaks_only_about_unknown_channels_of_films() -> None:
    batch = _batch(is_film=True)
    target, weight = target_of(batch), weight_of(batch)
    teacher = build_network("segresnet", {"width": 8}, len(KEYS)).eval()
    taught, weights = with_opinions(teacher, batch, target, weight)
    assert (taught[:, 0] == target[:, 0]).all()
    assert (weights[:, 0] == 1).all()
    assert set(weights[:, 1:].unique().tolist()) <= {0.0, torch.tensor(WEIGHT).item()}


@pytest.mark.parametrize("speak", [with_opinions, with_lessons])
def test_nobody_says_anything_about_projections(speak: Callable[..., Spoken]) -> None:
    batch = _batch(is_film=False)
    target, weight = target_of(batch), weight_of(batch)
    teacher = build_network("segresnet", {"width": 8}, len(KEYS)).eval()
    taught, weights = speak(teacher, batch, target, weight)
    assert taught is target
    assert weights is weight


def test_what_is_missed_is_believed_absent_only_below_the_limit() -> None:
    batch = _batch(is_film=True)
    target, weight = target_of(batch), weight_of(batch)
    teacher = build_network("segresnet", {"width": 8}, len(KEYS)).eval()
    with torch.no_grad():
        told = teacher.coarse(batch.weak).float().sigmoid()[:, 1:]
    limit = float(told.median())
    for absent in (limit, 0.0):
        _, weights = with_opinions(teacher, batch, target, weight, absent)
        assert torch.equal(weights[:, 1:] > 0, (told < absent) | (told > SURELY_PRESENT))


def test_a_tutor_says_how_sure_it_is_about_everything_that_nobody_drew() -> None:
    batch = _batch(is_film=True)
    target, weight = target_of(batch), weight_of(batch)
    tutor = build_network("segresnet", {"width": 8}, len(KEYS)).eval()
    with torch.no_grad():
        told = tutor.coarse(batch.weak).float().sigmoid()
    taught, weights = with_lessons(tutor, batch, target, weight)
    assert torch.equal(taught[:, 0], target[:, 0])
    assert torch.equal(taught[:, 1:], told[:, 1:])
    assert (weights[:, 0] == 1).all()
    assert torch.allclose(weights[:, 1:], torch.tensor(WEIGHT))


def test_a_tutor_sees_pictures_of_the_size_that_it_learnt_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = _batch(is_film=True)
    target, weight = target_of(batch), weight_of(batch)
    tutor = build_network("segresnet", {"width": 8}, len(KEYS)).eval()
    coarse, seen = tutor.coarse, []

    def watched(image: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(image.shape[-2:]))
        return coarse(image)

    monkeypatch.setattr(tutor, "coarse", watched)
    taught, _ = with_lessons(tutor, batch, target, weight, 16)
    assert seen == [(16, 16)]
    assert taught.shape == target.shape
