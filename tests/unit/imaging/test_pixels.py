from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import DigitalXRayImageStorageForProcessing

from service.imaging.pixels import dense_is_bright
from service.imaging.reasons import Oddity
from tests.builders import build_cr, build_dx, draw_chest

CHEST = draw_chest()
HEART, LUNG, AIR = (58, 45), (45, 24), (1, 1)  # rows, columns in the drawn chest
shapes = st.tuples(st.integers(2, 6), st.integers(2, 6))


def bare(pixels: NDArray[Any] | None = None, **keywords: object) -> Dataset:
    """A header without any grey scale transformation."""
    none = dict.fromkeys(
        ("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "PresentationLUTShape")
    )
    return build_dx(pixels, **(none | keywords))


def heart_outshines_lung_and_air(pixels: NDArray[np.float32]) -> bool:
    return bool(pixels[HEART] > pixels[LUNG] > pixels[AIR])


@pytest.mark.parametrize(
    ("photometric", "shape", "stored", "oddities"),
    [
        ("MONOCHROME2", None, CHEST, ()),
        ("MONOCHROME2", "IDENTITY", CHEST, ()),
        ("MONOCHROME1", None, 4095 - CHEST, ()),
        ("MONOCHROME1", "INVERSE", 4095 - CHEST, ()),
        ("MONOCHROME1", "IDENTITY", 4095 - CHEST, (Oddity.POLARITY_CONTRADICTION,)),
        ("MONOCHROME2", "INVERSE", CHEST, (Oddity.POLARITY_CONTRADICTION,)),
    ],
)
def test_dense_is_bright_whichever_way_it_was_stored_and_said(
    photometric: str,
    shape: str | None,
    stored: NDArray[np.uint16],
    oddities: tuple[Oddity, ...],
) -> None:
    header = bare(PhotometricInterpretation=photometric, PresentationLUTShape=shape)

    pixels, found = dense_is_bright(stored, header)

    assert heart_outshines_lung_and_air(pixels)
    assert found == oddities


@given(stored=arrays(np.uint16, shapes, elements=st.integers(0, 4095)))
def test_monochrome1_is_the_negative_of_monochrome2(stored: NDArray[np.uint16]) -> None:
    positive, _ = dense_is_bright(stored, bare(PhotometricInterpretation="MONOCHROME2"))
    negative, _ = dense_is_bright(stored, bare(PhotometricInterpretation="MONOCHROME1"))

    if np.ptp(stored):
        np.testing.assert_allclose(positive + negative, 1, atol=1e-6)


@given(
    stored=arrays(np.int16, shapes, elements=st.integers(-2048, 2047)),
    slope=st.floats(0.01, 100),
    intercept=st.floats(-5000, 5000),
)
def test_a_positive_rescale_alone_changes_no_picture(
    stored: NDArray[np.int16], slope: float, intercept: float
) -> None:
    header = bare(RescaleSlope=f"{slope:.6f}", RescaleIntercept=f"{intercept:.4f}")

    rescaled, oddities = dense_is_bright(stored, header)

    np.testing.assert_allclose(rescaled, dense_is_bright(stored, bare())[0], atol=1e-5)
    assert oddities == ()


@given(
    stored=arrays(np.uint16, shapes, elements=st.integers(0, 1023)),
    photometric=st.sampled_from(["MONOCHROME1", "MONOCHROME2"]),
    center=st.integers(300, 700),
    width=st.integers(400, 1500),
)
def test_the_picture_is_pydicoms_up_to_scale(
    stored: NDArray[np.uint16], photometric: str, center: int, width: int
) -> None:
    lut = np.linspace(0, 4095, 1024).astype(int) // 2
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [1024, 0, 16], lut.tolist()
    header = bare(
        PhotometricInterpretation=photometric,
        ModalityLUTSequence=[item],
        WindowCenter=str(center),
        WindowWidth=str(width),
    )
    expected = apply_voi_lut(apply_modality_lut(stored, header), header).astype(float)
    if photometric == "MONOCHROME1":
        expected = -expected

    pixels, oddities = dense_is_bright(stored, header)

    if np.ptp(expected) and Oddity.VOI_IGNORED not in oddities:
        scaled = (expected - expected.min()) / np.ptp(expected)
        np.testing.assert_allclose(pixels, scaled, atol=1e-5)


def test_a_modality_lut_sequence_may_turn_the_polarity() -> None:
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [4096, 0, 16], list(range(4095, -1, -1))

    pixels, oddities = dense_is_bright(4095 - CHEST, bare(ModalityLUTSequence=[item]))

    assert heart_outshines_lung_and_air(pixels)
    assert oddities == ()


def test_a_broken_modality_lut_gives_way_to_rescale_with_a_warning() -> None:
    header = bare(ModalityLUTSequence=[Dataset()], RescaleSlope="-1", RescaleIntercept="4095")

    pixels, oddities = dense_is_bright(4095 - CHEST, header)

    assert heart_outshines_lung_and_air(pixels)
    assert oddities == (Oddity.MODALITY_LUT_IGNORED,)


@pytest.mark.parametrize(
    "keywords",
    [
        {"RescaleSlope": "0", "RescaleIntercept": "5"},
        {"RescaleSlope": "2"},
        {"RescaleIntercept": "2"},
        {"RescaleSlope": "NaN", "RescaleIntercept": "0"},
    ],
    ids=str,
)
def test_a_broken_rescale_is_left_out_with_a_warning(keywords: dict[str, str]) -> None:
    pixels, oddities = dense_is_bright(CHEST, bare(**keywords))

    assert heart_outshines_lung_and_air(pixels)
    assert oddities == (Oddity.RESCALE_IGNORED,)


def test_the_window_works_on_rescaled_values() -> None:
    header = bare(
        RescaleSlope="2", RescaleIntercept="-1000", WindowCenter="3096", WindowWidth="8192"
    )

    _pixels, oddities = dense_is_bright(CHEST, header)

    assert oddities == ()


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_dark_in_either_polarity(photometric: str) -> None:
    stored = CHEST.copy()
    stored[:10] = 4000

    header = bare(PhotometricInterpretation=photometric, PixelPaddingValue=4000)

    assert (dense_is_bright(stored, header)[0][:10] == 0).all()


def test_a_padding_value_is_read_with_the_sign_of_the_pixels_whatever_its_vr() -> None:
    stored = (CHEST.astype(np.int16) // 2) - 1000
    stored[:10] = -2000
    header = bare(stored)
    header.add_new("PixelPaddingValue", "US", 65536 - 2000)

    pixels, _oddities = dense_is_bright(stored, header)

    others = dense_is_bright(stored[10:], bare(stored))[0]
    np.testing.assert_allclose(pixels[10:], others, atol=1e-6)


def test_a_padding_range_covers_both_its_ends() -> None:
    stored = np.array([[10, 11, 12], [500, 600, 700]], np.uint16)
    header = bare(PixelPaddingValue=12, PixelPaddingRangeLimit=10)

    pixels, _oddities = dense_is_bright(stored, header)

    assert pixels.tolist() == [[0, 0, 0], [0, 0.5, 1]]


@pytest.mark.parametrize("relationship", ["LIN", "LOG"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_for_processing_takes_its_polarity_from_the_physics(
    relationship: str, photometric: str
) -> None:
    thickness = CHEST / 4095
    transmitted = np.exp(-3 * thickness)
    signal = transmitted if relationship == "LIN" else 1 - thickness
    header = bare(
        PresentationIntentType="FOR PROCESSING",
        PhotometricInterpretation=photometric,
        PixelIntensityRelationship=relationship,
        PixelIntensityRelationshipSign=1,
        WindowCenter="5",
        WindowWidth="2",
    )

    pixels, oddities = dense_is_bright((signal * 16000).astype(np.uint16), header)

    np.testing.assert_allclose(pixels, (thickness - 0.05) / 0.8, atol=0.01)
    assert oddities == (Oddity.FOR_PROCESSING,)


def test_for_processing_with_sign_minus_one_is_dense_bright_already() -> None:
    header = bare(
        SOPClassUID=DigitalXRayImageStorageForProcessing,
        PresentationIntentType=None,
        PhotometricInterpretation="MONOCHROME1",
        PixelIntensityRelationship="LOG",
        PixelIntensityRelationshipSign=-1,
    )

    assert heart_outshines_lung_and_air(dense_is_bright(CHEST, header)[0])


def test_for_processing_that_says_nothing_follows_its_photometric_interpretation() -> None:
    header = build_cr(
        PresentationIntentType="FOR PROCESSING", PhotometricInterpretation="MONOCHROME1"
    )

    assert heart_outshines_lung_and_air(dense_is_bright(4095 - CHEST, header)[0])


@pytest.mark.parametrize("value", [0, 7, 4095])
def test_a_picture_of_one_value_is_black_and_raises_nothing(value: int) -> None:
    pixels, _oddities = dense_is_bright(np.full((4, 4), value, np.uint16), build_dx())

    assert (pixels == 0).all()
