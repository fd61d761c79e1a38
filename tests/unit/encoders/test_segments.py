from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from service.anatomy.profiles import FULL, label_profile
from service.anatomy.structures import structures
from service.domain.segmentation import Segmentation
from service.encoders.segments import Described, described, layers, overlap, window_of
from service.errors import NothingToEncode
from tests.phantoms import phantom_segmentation


def segmentation_of(masks: NDArray[np.bool_]) -> Segmentation:
    segments = tuple(structure.to_segment() for structure in structures()[: len(masks)])
    return Segmentation(segments, masks, np.ones(len(masks), np.float32))


def described_masks(masks: NDArray[np.bool_]) -> tuple[Described, ...]:
    return described(segmentation_of(masks), FULL)


MASKS = st.integers(1, 7).flatmap(lambda count: arrays(bool, (count, 3, 4)))


def test_labels_go_out_by_their_number_with_their_own_masks() -> None:
    plain = phantom_segmentation(24, 20)
    turned = Segmentation(plain.segments[::-1], plain.masks[::-1], plain.probabilities[::-1])

    made = described(turned, FULL)

    assert tuple(each.segment for each in made) == plain.segments
    assert all(np.array_equal(each.mask, plain.masks[i]) for i, each in enumerate(made))


def test_only_labels_of_the_profile_go_out_found_or_not_counted_from_one() -> None:
    profile = label_profile(["clavicle_left", "heart", "sternum"])

    made = described(phantom_segmentation(24, 20), profile)

    assert [(each.number, each.segment.key, each.is_found) for each in made] == [
        (1, "heart", True),
        (2, "clavicle_left", False),
    ]


def test_a_profile_without_a_label_of_the_model_is_refused_by_name() -> None:
    with pytest.raises(NothingToEncode, match="profile own"):
        described(phantom_segmentation(24, 20), label_profile(["sternum"]))


@given(MASKS)
@settings(max_examples=60, deadline=None)
def test_two_structures_overlap_when_they_share_a_pixel(masks: NDArray[np.bool_]) -> None:
    assert overlap(described_masks(masks)) is bool((masks.sum(axis=0) > 1).any())


@given(MASKS)
@settings(max_examples=60, deadline=None)
def test_layers_have_every_structure_once_and_no_overlap(masks: NDArray[np.bool_]) -> None:
    made = layers(described_masks(masks))

    assert sorted(each.number for layer in made for each in layer) == list(range(1, len(masks) + 1))
    for layer in made:
        for one, other in combinations(layer, 2):
            assert not (one.mask & other.mask).any()


@given(MASKS)
@settings(max_examples=60, deadline=None)
def test_a_new_layer_begins_only_where_every_earlier_one_is_taken(
    masks: NDArray[np.bool_],
) -> None:
    made = layers(described_masks(masks))

    for index, layer in enumerate(made):
        for each in layer if each_was_found(layer) else ():
            for earlier in made[:index]:
                before = [other.mask for other in earlier if other.number < each.number]
                assert any((mask & each.mask).any() for mask in before)


def each_was_found(layer: tuple[Described, ...]) -> bool:
    return all(each.is_found for each in layer)


def test_what_was_not_found_is_described_in_the_first_layer() -> None:
    one = np.ones((1, 2, 2), bool)
    masks = np.concatenate((one, one, ~one, one))

    made = layers(described_masks(masks))

    assert [[each.number for each in layer] for layer in made] == [[1, 3], [2], [4]]


def test_the_given_order_decides_not_the_sizes() -> None:
    masks = np.zeros((3, 1, 4), bool)
    masks[0, 0, 0] = masks[1, 0, :] = masks[2, 0, 1:] = True
    segmentation = replace(segmentation_of(masks))

    made = layers(described(segmentation, FULL))

    assert [[each.number for each in layer] for layer in made] == [[1, 3], [2]]


@given(arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 6))))
@settings(max_examples=80, deadline=None)
def test_a_window_holds_all_of_a_mask_and_touches_it_on_every_side(mask: NDArray[np.bool_]) -> None:
    part = mask[window_of(mask)]

    assert part.sum() == mask.sum()
    if part.size:
        assert all(edge.any() for edge in (part[0], part[-1], part[:, 0], part[:, -1]))
