import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.channels import CHANNELS, TRAINED, TRAINED_KEYS, number_of, trained_index
from training.project.masks import (
    ZONES,
    availability,
    band,
    channel_masks,
    pack,
    unpack,
    unpack_one,
    with_one,
)
from training.project.projector import Paths

SHAPE = (2, 2)


def _paths(**millimetres: float) -> Paths:
    """Uniform path lengths of structures, each in the layer of its channel."""
    layers = {c.key: c.layer for c in CHANNELS if c.layer}
    paths: dict[object, dict[int, torch.Tensor]] = {layer: {} for layer in layers.values()}
    for key, value in millimetres.items():
        paths[layers[key]][number_of(key)] = torch.full(SHAPE, value)
    return paths  # type: ignore[return-value]


@given(st.integers(0, 2**32 - 1))
def test_packing_masks_into_bits_is_lossless(seed: int) -> None:
    masks = np.random.default_rng(seed).random((len(TRAINED), 5, 7)) < 0.5
    packed = pack(torch.from_numpy(masks))
    assert (unpack(packed, len(TRAINED)) == masks).all()
    assert all((unpack_one(packed, place) == masks[place]).all() for place in range(len(TRAINED)))


@given(st.integers(0, 2**32 - 1), st.integers(0, len(TRAINED) - 1))
def test_one_mask_is_exchanged_and_the_others_stay(seed: int, place: int) -> None:
    random = np.random.default_rng(seed)
    masks, mask = random.random((len(TRAINED), 5, 7)) < 0.5, random.random((5, 7)) < 0.5
    packed = pack(torch.from_numpy(masks))
    changed = unpack(with_one(packed, place, mask), len(TRAINED))
    assert (changed[place] == mask).all()
    masks[place] = changed[place]
    assert (changed == masks).all()


def test_lung_behind_the_heart_is_lung_but_not_lung_field() -> None:
    masks = channel_masks(_paths(left_lung=80, heart=60, cardiomediastinum=60), SHAPE)
    assert masks[trained_index("left_lung")].all()
    assert masks[trained_index("heart")].all()
    assert not masks[trained_index("left_lung_field")].any()


def test_lung_below_the_dome_is_lung_but_not_lung_field() -> None:
    masks = channel_masks(_paths(right_lung=40, right_hemidiaphragm=90), SHAPE)
    assert masks[trained_index("right_lung")].all()
    assert not masks[trained_index("right_lung_field")].any()
    assert masks[trained_index("right_hemidiaphragm")].all()


def test_lobes_add_up_to_their_lung() -> None:
    masks = channel_masks(_paths(lung_upper_lobe_left=5, lung_lower_lobe_left=5), SHAPE)
    assert masks[trained_index("left_lung")].all()
    assert not masks[trained_index("lung_upper_lobe_left")].any()


def test_free_lung_is_its_own_sides_field_only() -> None:
    masks = channel_masks(_paths(right_lung=120), SHAPE)
    found = {key for key in TRAINED_KEYS if masks[trained_index(key)].all()}
    assert found == {"right_lung", "right_lung_field"}


@given(st.integers(1, 60), st.integers(0, 20))
def test_zones_share_the_lung_among_them(height: int, top: int) -> None:
    lung = torch.zeros(90, 3, dtype=torch.bool)
    lung[top : top + height] = True
    zones = torch.stack([band(lung, first, last) for first, last in ZONES.values()])
    assert (zones.sum(0) == lung).all()


def test_what_was_not_looked_for_is_unavailable_and_takes_its_fields_along() -> None:
    known = set(TRAINED_KEYS) - {"heart"}
    available = dict(zip(TRAINED_KEYS, availability(known), strict=True))
    lost = {key for key, is_available in available.items() if not is_available}
    assert lost == {"heart", "right_lung_field", "left_lung_field"}


def test_a_lung_field_is_drawn_inside_its_lung_on_frontal_views_only() -> None:
    lung = torch.zeros(160, 160)
    lung[20:140, 30:130] = 120
    channel = CHANNELS[TRAINED_KEYS.index("right_lung")]
    paths = {channel.layer: {number_of("right_lung"): lung}}
    field, whole = trained_index("right_lung_field"), trained_index("right_lung")
    frontal = channel_masks(paths, (160, 160))  # type: ignore[arg-type]
    lateral = channel_masks(paths, (160, 160), is_frontal=False)  # type: ignore[arg-type]
    assert (lateral[field] == lateral[whole]).all()
    assert (frontal[whole] == lateral[whole]).all()
    assert 0.9 < frontal[field].sum() / frontal[whole].sum() < 0.97
