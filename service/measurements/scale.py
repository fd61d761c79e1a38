"""Is the pixel spacing that of this picture? A copy made smaller often keeps the old one."""

import numpy as np

from service.domain.image import PixelSpacing, SpacingProvenance
from service.domain.segmentation import Segmentation
from service.errors import NotMeasurable

NARROWEST_CHEST_MM, WIDEST_CHEST_MM = 150.0, 450.0
"""Inner width of a chest: from a small child to the largest adult at the detector plane."""
_FIELDS = ("right_lung_field", "left_lung_field")


def check_scale(segmentation: Segmentation, spacing: PixelSpacing) -> None:
    """Raise NotMeasurable when a spacing of unstated origin makes the chest impossible.

    A spacing that says what it was measured with is believed, whatever the patient's size.
    """
    unstated = spacing.provenance is SpacingProvenance.PIXEL_SPACING_UNSTATED
    if not unstated or not all(segmentation.has(key) for key in _FIELDS):
        return
    reached = np.any([segmentation.mask(key).any(axis=0) for key in _FIELDS], axis=0)
    columns = np.flatnonzero(reached)
    width = (columns[-1] - columns[0] + 1) * (spacing.column_mm or 0.0)
    if not NARROWEST_CHEST_MM <= width <= WIDEST_CHEST_MM:
        raise NotMeasurable(
            f"the pixel spacing, whose origin is not stated, would make the chest {width:.0f} mm "
            "wide"
        )
