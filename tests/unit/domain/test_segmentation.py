"""A stack of overlapping masks, asked for by key."""

import numpy as np
import pytest

from service.domain.segmentation import Code, Laterality, Segment, Segmentation
from service.errors import MissingSegment

CATEGORY = Code("91723000", "SCT", "Anatomical Structure")
HEART = Segment(1, "heart", "Heart", CATEGORY, Code("80891009", "SCT", "Heart"), None, (255, 0, 0))
LUNG = Segment(
    2, "right_lung", "Right lung", CATEGORY, Code("39607008", "SCT", "Lung"),
    Laterality.RIGHT, (0, 0, 255),
)  # fmt: skip


def heart_only() -> Segmentation:
    masks = np.zeros((2, 4, 5), np.bool_)
    masks[0, 1:3, 2:4] = True
    return Segmentation((HEART, LUNG), masks, np.array([0.9, 0.0], np.float32))


def test_a_mask_is_found_by_its_key() -> None:
    assert heart_only().mask("heart").sum() == 4
    assert heart_only().has("heart")


@pytest.mark.parametrize("key", ["right_lung", "unicorn"])
def test_an_empty_or_unknown_segment_is_missing(key: str) -> None:
    segmentation = heart_only()

    assert not segmentation.has(key)
    with pytest.raises(MissingSegment, match=key.replace("_", " ")):
        segmentation.mask(key)


def test_an_empty_segment_still_has_its_description() -> None:
    assert heart_only().segment("right_lung") is LUNG
    with pytest.raises(MissingSegment):
        heart_only().segment("unicorn")
