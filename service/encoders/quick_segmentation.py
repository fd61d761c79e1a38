"""highdicom's Segmentation, made from a few pixels, with the real ones put in afterwards.

The constructor of highdicom copies, checks and packs every pixel of every segment several times
over: for 159 segments of a large radiograph, half a minute. All else that it writes follows from
which segments have a frame, not from the pixels. So it is given a stand-in of one pixel for each
segment, and then Rows, Columns, Segments Overlap, transfer syntax and Pixel Data are set. The
result is a highdicom Segmentation; a test compares it, element by element, with a plain one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import highdicom as hd
import numpy as np
from highdicom.seg import SegmentationTypeValues
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from service.encoders.pixel_frames import packed_bits, pixel_data
from service.encoders.segments import Described, overlap
from service.errors import NothingToEncode

FULL = 255
"""MaximumFractionalValue; the only value beside 0."""


@dataclass(frozen=True, slots=True)
class PixelForm:
    """How pixels are held, and in which transfer syntax the whole object is written."""

    type: SegmentationTypeValues
    transfer_syntax_uid: str = ExplicitVRLittleEndian


def quick_segmentation(
    source: Dataset, structures: Sequence[Described], form: PixelForm, arguments: Mapping[str, Any]
) -> hd.seg.Segmentation:
    """Return what `highdicom.seg.Segmentation` would make of the structures' masks.

    source: the header of the one source image. arguments: of highdicom's constructor, without
    source, pixels, segmentation type and transfer syntax. A structure that was not found has no
    frame; when none was found, all have an empty one, as highdicom has it. A LABELMAP (whose
    structures must not overlap) has no segment for the background: it is Pixel Padding Value.
    """
    rows, columns = structures[0].mask.shape
    made = hd.seg.Segmentation(
        source_images=[_resized(source, 1, 1)],
        pixel_array=_stand_in(structures, form.type),
        segmentation_type=form.type,
        omit_empty_frames=form.type is not SegmentationTypeValues.LABELMAP,
        **arguments,
    )
    made.Rows, made.Columns = rows, columns
    if form.type is SegmentationTypeValues.LABELMAP:
        made.SegmentSequence = [item for item in made.SegmentSequence if item.SegmentNumber]
    else:
        made.SegmentsOverlap = "YES" if overlap(structures) else "NO"
    made.PixelData = _pixels(structures, form)
    made.file_meta.TransferSyntaxUID = UID(form.transfer_syntax_uid)
    return made


def _resized(source: Dataset, rows: int, columns: int) -> Dataset:
    small = Dataset()
    small.update(source)
    small.Rows, small.Columns = rows, columns
    return small


def _stand_in(
    structures: Sequence[Described], kind: SegmentationTypeValues
) -> NDArray[np.uint8 | np.bool_]:
    if kind is SegmentationTypeValues.LABELMAP:
        return np.zeros((1, 1, 1), np.uint8)
    return np.array([each.is_found for each in structures])[None, None, None]


def _pixels(structures: Sequence[Described], form: PixelForm) -> bytes:
    if form.type is SegmentationTypeValues.LABELMAP:
        return pixel_data([label_map(structures)], form.transfer_syntax_uid)
    masks = [each.mask for each in structures if each.is_found]
    masks = masks or [each.mask for each in structures]
    if form.type is SegmentationTypeValues.BINARY:
        return packed_bits(masks)
    return pixel_data((mask * np.uint8(FULL) for mask in masks), form.transfer_syntax_uid)


def label_map(structures: Sequence[Described]) -> NDArray[np.uint8]:
    """Return uint8 (rows, columns): the number of the structure there, 0 where there is none.

    Raises NothingToEncode for a number beyond 255.
    """
    if structures[-1].number > FULL:
        raise NothingToEncode("a label map of 8 bits holds no more than 255 labels")
    numbers = np.zeros(structures[0].mask.shape, np.uint8)
    for each in structures:
        numbers[each.window][each.part] = each.number
    return numbers
