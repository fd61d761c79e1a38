import numpy as np
import pytest

from service.anatomy.profiles import FULL, label_profile
from service.domain.segmentation import Segmentation
from service.encoders.segments import chosen
from service.errors import NothingToEncode
from tests.phantoms import phantom_segmentation


def reversed_labels() -> Segmentation:
    plain = phantom_segmentation(24, 20)
    return Segmentation(plain.segments[::-1], plain.masks[::-1], plain.probabilities[::-1])


def test_labels_go_out_by_number_with_their_own_masks() -> None:
    plain = phantom_segmentation(24, 20)

    made = chosen(reversed_labels(), FULL)

    assert made.segments == plain.segments
    assert np.array_equal(made.masks, plain.masks)
    assert np.array_equal(made.probabilities, plain.probabilities)


def test_only_labels_of_the_profile_go_out_found_or_not() -> None:
    made = chosen(
        phantom_segmentation(24, 20), label_profile(["clavicle_left", "heart", "sternum"])
    )

    assert [segment.key for segment in made.segments] == ["heart", "clavicle_left"]
    assert made.has("heart")
    assert not made.has("clavicle_left")


def test_a_profile_without_a_label_of_the_model_is_refused_by_name() -> None:
    with pytest.raises(NothingToEncode, match="profile own"):
        chosen(phantom_segmentation(24, 20), label_profile(["sternum"]))
