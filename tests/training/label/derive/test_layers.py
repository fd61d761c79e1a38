"""All derived layers of a drawn chest, and which keys they make known."""

import numpy as np

from tests.training.label.derive.chest import SPACING, chest
from training.label.derive.derived import mask_of
from training.label.derive.layers import NEEDS, derive_layers

ALL = frozenset(need for needs in NEEDS.values() for need in needs)


def test_a_derived_key_needs_what_it_is_made_from() -> None:
    drawn = chest()

    layers = derive_layers(drawn.organs, ALL - {"vertebra_t4"}, drawn.body, drawn.hu, SPACING)

    assert {"right_hemidiaphragm", "left_hemidiaphragm"} <= layers.known
    assert "upper_mediastinum" not in layers.known
    assert layers.unknown["upper_mediastinum"] == "made from vertebra_t4, not known here"


def test_every_derived_key_is_known_or_has_a_reason() -> None:
    drawn = chest()

    layers = derive_layers(drawn.organs, ALL, drawn.body, drawn.hu, SPACING)

    assert layers.known | layers.unknown.keys() == NEEDS.keys()
    assert not layers.known & layers.unknown.keys()


def test_mediastinum_and_domes_do_not_overlap() -> None:
    drawn = chest()

    layers = derive_layers(drawn.organs, ALL, drawn.body, drawn.hu, SPACING)

    below = mask_of(layers.regions, "left_hemidiaphragm", "right_hemidiaphragm")
    assert below.any()
    assert not (layers.mediastinum[below] > 0).any()
    assert layers.mediastinum.dtype == layers.regions.dtype == np.uint8
