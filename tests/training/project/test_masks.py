import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.channels import CHANNELS, KEYS, Structure, channel_index
from training.project.masks import availability, channel_masks, pack, unpack


def _paths(**millimetres: float) -> torch.Tensor:
    path = torch.zeros(len(Structure), 2, 2)
    for name, value in millimetres.items():
        path[Structure[name.upper()]] = value
    return path


@given(st.integers(0, 2**32 - 1))
def test_packing_masks_into_bits_is_lossless(seed: int) -> None:
    masks = np.random.default_rng(seed).random((len(CHANNELS), 5, 7)) < 0.5
    assert (unpack(pack(torch.from_numpy(masks)), len(CHANNELS)) == masks).all()


def test_lung_behind_the_heart_is_lung_but_not_lung_field() -> None:
    masks = channel_masks(_paths(left_lung=80, heart=60))
    assert masks[channel_index("left_lung")].all()
    assert masks[channel_index("heart")].all()
    assert not masks[channel_index("left_lung_field")].any()


def test_lung_below_the_dome_is_lung_but_not_lung_field() -> None:
    masks = channel_masks(_paths(right_lung=40, below_right_dome=90))
    assert masks[channel_index("right_lung")].all()
    assert not masks[channel_index("right_lung_field")].any()
    assert masks[channel_index("right_hemidiaphragm")].all()


def test_free_lung_is_its_own_sides_field_only() -> None:
    masks = channel_masks(_paths(right_lung=120))
    found = {key for key in KEYS if masks[channel_index(key)].all()}
    assert found == {"right_lung", "right_lung_field"}


def test_what_was_not_looked_for_is_unavailable_and_takes_its_fields_along() -> None:
    known = frozenset(Structure) - {Structure.NONE, Structure.HEART}
    available = dict(zip(KEYS, availability(known), strict=True))
    lost = {key for key, is_available in available.items() if not is_available}
    assert lost == {"heart", "cardiomediastinum", "right_lung_field", "left_lung_field"}
