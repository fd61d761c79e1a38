"""A drawn thorax whose widths are known because they are drawn."""

from collections.abc import Callable

import numpy as np
import pytest

from service.domain.image import PixelSpacing, SpacingProvenance, ViewPosition
from service.domain.segmentation import Code, Segment, Segmentation
from service.measurements.registry import Subject

CATEGORY = Code("91723000", "SCT", "Anatomical Structure")
TYPE = Code("39607008", "SCT", "Lung")
SPACING = PixelSpacing(0.2, 0.2, SpacingProvenance.CALIBRATED)

Box = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""

THORAX: dict[str, Box] = {
    "right_lung_field": (10, 80, 20, 45),
    "left_lung_field": (12, 78, 60, 100),
    "heart": (50, 75, 42, 78),
}

DrawSubject = Callable[..., Subject]


@pytest.fixture
def draw_subject() -> DrawSubject:
    """Return a function that draws boxes; `None` leaves a structure out."""

    def draw(spacing: PixelSpacing = SPACING, columns: int = 120, **boxes: Box | None) -> Subject:
        drawn = {key: box for key, box in (THORAX | boxes).items() if box is not None}
        masks = np.zeros((len(drawn), 100, columns), np.bool_)
        for mask, (top, bottom, left, right) in zip(masks, drawn.values(), strict=True):
            mask[top:bottom, left:right] = True
        segments = tuple(
            Segment(number, key, key, CATEGORY, TYPE, None, (0, 0, 0))
            for number, key in enumerate(drawn, start=1)
        )
        probabilities = np.ones(len(drawn), np.float32)
        return Subject(
            Segmentation(segments, masks, probabilities), spacing, ViewPosition.POSTERO_ANTERIOR
        )

    return draw
