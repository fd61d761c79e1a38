"""What is made quickly is, element by element, what highdicom makes of the real pixels."""

from dataclasses import replace
from unittest.mock import patch

import highdicom as hd
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from service.anatomy.profiles import FULL
from service.anatomy.structures import structures
from service.domain.analysis import ObjectKind
from service.domain.segmentation import Segmentation
from service.encoders import dicom_seg
from service.encoders.quick_segmentation import label_map
from service.encoders.registry import EncodingOptions, SegForm, encode, encode_all
from service.encoders.segments import Described, window_of
from service.errors import NothingToEncode
from tests.builders import build_dx
from tests.headers import STRICT, VIEWER, analysis_of
from tests.plain_highdicom import plain_segmentation

SIZES = {"whole bytes": (24, 20), "odd size": (23, 19)}


def films(size: tuple[int, int]) -> dict[str, NDArray[np.bool_]]:
    """Stacks of masks that overlap, do not, are there alone or not at all."""
    random = np.random.default_rng(3)
    some = random.random((7, *size)) < 0.3
    some[4] = False
    apart = np.zeros((3, *size), bool)
    for number in range(3):
        apart[number, 2 + 4 * number : 5 + 4 * number, 3:9] = True
    alone = apart & (np.arange(3) == 1)[:, None, None]
    return {
        "overlapping": some,
        "apart": apart,
        "one found": alone,
        "one label": some[:1],
        "nothing found": np.zeros_like(apart),
    }


PLAIN = ExplicitVRLittleEndian
OPTIONS = {
    "binary": replace(VIEWER, seg_form=SegForm.BINARY),
    "binary, strict": replace(STRICT, seg_form=SegForm.BINARY),
    "fractional": replace(VIEWER, seg_form=SegForm.FRACTIONAL, seg_transfer_syntax_uid=PLAIN),
    "fractional, RLE": replace(
        VIEWER, seg_form=SegForm.FRACTIONAL, seg_transfer_syntax_uid=RLELossless
    ),
    "fractional, strict": replace(STRICT, seg_form=SegForm.FRACTIONAL),
    "labelmap": replace(VIEWER, seg_form=SegForm.LABELMAP, seg_transfer_syntax_uid=PLAIN),
    "labelmap, strict": replace(STRICT, seg_form=SegForm.LABELMAP),
}


def both(
    masks: NDArray[np.bool_], options: EncodingOptions
) -> tuple[tuple[Dataset, ...], tuple[Dataset, ...]]:
    header = build_dx(np.zeros(masks.shape[1:], np.uint16))
    segments = tuple(structure.to_segment() for structure in structures()[: len(masks)])
    segmentation = Segmentation(segments, masks, np.ones(len(masks), np.float32))
    analysis = replace(analysis_of(header), segmentation=segmentation)
    options = replace(options, segments=FULL)
    quick = encode_all(ObjectKind.SEG, analysis, header, options)
    with patch.object(dicom_seg, "quick_segmentation", plain_segmentation):
        plain = encode_all(ObjectKind.SEG, analysis, header, options)
    return quick, plain


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("film", list(films((4, 4))))
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_every_element_is_that_of_plain_highdicom(
    options: EncodingOptions, film: str, size: tuple[int, int]
) -> None:
    quick, plain = both(films(size)[film], options)

    assert len(quick) == len(plain)
    for ours, theirs in zip(quick, plain, strict=True):
        assert type(ours) is type(theirs) is hd.seg.Segmentation
        assert ours.file_meta == theirs.file_meta
        assert without_pixels(ours) == without_pixels(theirs)
        assert ours["PixelData"].VR == theirs["PixelData"].VR
        assert np.array_equal(ours.pixel_array, theirs.pixel_array)


def without_pixels(made: Dataset) -> list[str]:
    """One line an element, sequences included, so that a difference is shown by name."""
    return [str(element) for element in made if element.keyword != "PixelData"]


@pytest.mark.parametrize("film", list(films((4, 4))))
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_uncompressed_pixel_data_are_the_same_bytes_but_for_the_byte_that_fills_up(
    film: str, size: tuple[int, int]
) -> None:
    """highdicom fills an odd length with the character 0, PS3.5 section 8.1.1 with a null."""
    for name in ("binary", "fractional", "labelmap"):
        quick, plain = both(films(size)[film], OPTIONS[name])
        for ours, theirs in zip(quick, plain, strict=True):
            bits = int(ours.Rows * ours.Columns * ours.NumberOfFrames * ours.BitsAllocated)
            assert ours.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
            assert len(ours.PixelData) == len(theirs.PixelData)
            assert ours.PixelData[: -(-bits // 8)] == theirs.PixelData[: -(-bits // 8)]


def test_the_result_can_be_asked_without_being_written_and_read() -> None:
    header = build_dx(np.zeros((24, 20), np.uint16))
    analysis = analysis_of(header)

    made = encode(ObjectKind.SEG, analysis, header, VIEWER)

    assert isinstance(made, hd.seg.Segmentation)
    planes = made.get_pixels_by_source_instance(
        [analysis.image.reference.sop_instance_uid],
        segment_numbers=[3],
        ignore_spatial_locations=True,
    )
    assert np.array_equal(planes[0, :, :, 0], analysis.segmentation.masks[2])


def test_a_label_map_of_more_than_255_numbers_is_refused() -> None:
    masks = np.zeros((1, 2, 2), bool)
    segment = structures()[0].to_segment()

    with pytest.raises(NothingToEncode, match="255"):
        label_map([Described(256, segment, masks[0], window_of(masks[0]))])
