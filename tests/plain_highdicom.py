"""A segmentation as highdicom alone makes it, from all pixels: what ours is compared with."""

from collections.abc import Mapping, Sequence
from typing import Any

import highdicom as hd
import numpy as np
from highdicom.seg import SegmentationTypeValues
from pydicom.dataset import Dataset

from service.encoders.quick_segmentation import PixelForm
from service.encoders.segments import Described


def plain_segmentation(
    source: Dataset, structures: Sequence[Described], form: PixelForm, arguments: Mapping[str, Any]
) -> hd.seg.Segmentation:
    """Stand in for `quick_segmentation`; of a LABELMAP, the background is left out as well."""
    labelmap = form.type is SegmentationTypeValues.LABELMAP
    masks = np.stack([each.mask for each in structures]).transpose(1, 2, 0)[None]
    if labelmap:
        masks = (masks * np.array([each.number for each in structures], np.uint8)).max(axis=-1)
    made = hd.seg.Segmentation(
        source_images=[source],
        pixel_array=masks,
        segmentation_type=form.type,
        transfer_syntax_uid=form.transfer_syntax_uid,
        **arguments,
    )
    if labelmap:
        made.SegmentSequence = [item for item in made.SegmentSequence if item.SegmentNumber > 0]
    return made
