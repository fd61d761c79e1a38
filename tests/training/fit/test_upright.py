import numpy as np
import pytest
import torch

from training.channels import TRAINED, trained_index
from training.fit.dataset import Sample
from training.fit.upright import stand_up, with_gas
from training.project.masks import pack


def _sample(*, known: bool = True) -> Sample:
    masks = np.zeros((len(TRAINED), 160, 200), bool)
    masks[trained_index("right_lung_field"), 20:100, 30:80] = True
    masks[trained_index("left_lung_field"), 20:100, 120:170] = True
    masks[trained_index("left_hemidiaphragm"), 100:160, 100:175] = True
    water = np.full((160, 200), 3, np.float32)
    packed = pack(torch.from_numpy(masks))
    return Sample(water, np.zeros_like(water), packed, np.full(len(TRAINED), known), is_film=False)


@pytest.mark.parametrize("seed", range(8))
def test_gas_takes_away_below_the_left_dome_and_nowhere_else(seed: int) -> None:
    changed = with_gas(_sample(), np.random.default_rng(seed)).water != 3
    assert changed.any()
    assert not changed[:100].any()
    assert not changed[:, :100].any()


@pytest.mark.parametrize("seed", range(8))
def test_gas_is_never_denser_nor_without_a_body_around_it(seed: int) -> None:
    water = with_gas(_sample(), np.random.default_rng(seed)).water
    assert 0.3 * 3 < water.min() < 3
    assert water.max() == 3


def test_what_is_not_known_is_not_drawn_upon() -> None:
    sample, random = _sample(known=False), np.random.default_rng(0)
    assert with_gas(sample, random) is sample


def test_the_sample_in_memory_is_left_as_it_was() -> None:
    sample = _sample()
    for seed in range(12):
        stand_up(sample, np.random.default_rng(seed))
    assert (sample.water == 3).all()
    assert not sample.bone.any()
    assert sample.known.all()
