import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.imaging.geometry import pixel_spacing, spacing_oddities
from service.imaging.reasons import Oddity
from tests.builders import build_cr, build_dx, build_sc


def header(**keywords: object) -> Dataset:
    """A CR without any spacing but the given."""
    return build_cr(**({"ImagerPixelSpacing": None} | keywords))


@pytest.mark.parametrize("calibration", ["GEOMETRY", "FIDUCIAL"])
def test_a_calibrated_pixel_spacing_goes_before_all_others(calibration: str) -> None:
    spacing = pixel_spacing(
        header(
            PixelSpacing=[0.2, 0.19],
            PixelSpacingCalibrationType=calibration,
            ImagerPixelSpacing=[0.25, 0.25],
            EstimatedRadiographicMagnificationFactor="1.1",
        )
    )

    assert spacing == PixelSpacing(0.2, 0.19, SpacingProvenance.CALIBRATED)


def test_the_stated_magnification_takes_the_detectors_spacing_into_the_patient() -> None:
    spacing = pixel_spacing(
        header(ImagerPixelSpacing=[0.22, 0.11], EstimatedRadiographicMagnificationFactor="1.1")
    )

    assert spacing.provenance == SpacingProvenance.MAGNIFICATION_CORRECTED
    assert (spacing.row_mm, spacing.column_mm) == pytest.approx((0.2, 0.1))


def test_the_distances_give_the_magnification_that_is_not_stated() -> None:
    spacing = pixel_spacing(
        header(
            ImagerPixelSpacing=[0.2, 0.2],
            DistanceSourceToDetector="1800",
            DistanceSourceToPatient="1500",
        )
    )

    assert spacing.provenance == SpacingProvenance.MAGNIFICATION_CORRECTED
    assert spacing.row_mm == pytest.approx(0.2 * 1500 / 1800)


@pytest.mark.parametrize(
    "keywords",
    [
        {},
        {"EstimatedRadiographicMagnificationFactor": "1.0"},
        {"EstimatedRadiographicMagnificationFactor": "0.9"},
        {"EstimatedRadiographicMagnificationFactor": "40"},
        {"EstimatedRadiographicMagnificationFactor": "NaN"},
        {"DistanceSourceToDetector": "1800"},
        {"DistanceSourceToDetector": "1800", "DistanceSourceToPatient": "0"},
        {"DistanceSourceToDetector": "1500", "DistanceSourceToPatient": "1800"},
    ],
    ids=str,
)
def test_without_a_sane_magnification_the_spacing_is_the_detectors(
    keywords: dict[str, object],
) -> None:
    spacing = pixel_spacing(header(ImagerPixelSpacing=[0.2, 0.2], **keywords))

    assert spacing == PixelSpacing(0.2, 0.2, SpacingProvenance.DETECTOR_PLANE)


@pytest.mark.parametrize("copied", [[0.2, 0.2], [0.18, 0.18]], ids=["equal", "different"])
def test_pixel_spacing_without_type_adds_nothing_to_the_detectors(copied: list[float]) -> None:
    spacing = pixel_spacing(header(PixelSpacing=copied, ImagerPixelSpacing=[0.2, 0.2]))

    assert spacing == PixelSpacing(0.2, 0.2, SpacingProvenance.DETECTOR_PLANE)


@pytest.mark.parametrize("keyword", ["PixelSpacing", "NominalScannedPixelSpacing"])
def test_a_spacing_that_nobody_explains_is_called_so(keyword: str) -> None:
    spacing = pixel_spacing(build_sc(**{keyword: [0.168, 0.17]}))

    assert spacing == PixelSpacing(0.168, 0.17, SpacingProvenance.PIXEL_SPACING_UNSTATED)


def test_no_spacing_gives_no_millimetres() -> None:
    assert pixel_spacing(build_sc()) == NO_SPACING
    assert spacing_oddities(build_sc()) == ()


@pytest.mark.parametrize("keyword", ["PixelSpacing", "ImagerPixelSpacing"])
@pytest.mark.parametrize(
    "values",
    [
        ["0", "0"],
        ["-0.2", "-0.2"],
        ["0.2", "0"],
        ["NaN", "0.2"],
        ["inf", "inf"],
        ["200", "200"],
        ["0.00001", "0.00001"],
        ["0.1", "0.4"],
        ["0.2"],
        ["0.2", "0.2", "0.2"],
    ],
    ids=str,
)
def test_a_spacing_that_no_radiograph_has_gives_no_millimetres_and_a_warning(
    keyword: str, values: list[str]
) -> None:
    odd = header(PixelSpacingCalibrationType="GEOMETRY", **{keyword: values})

    assert pixel_spacing(odd) == NO_SPACING
    assert spacing_oddities(odd) == (Oddity.SPACING_IGNORED,)


def test_a_bad_spacing_gives_way_to_the_next_of_the_ladder() -> None:
    spacing = pixel_spacing(build_dx(PixelSpacing=[0, 0]))

    assert spacing.provenance == SpacingProvenance.DETECTOR_PLANE


@pytest.mark.parametrize(
    "keywords", [{"PixelSpacing": [0.2, 0.25]}, {"PixelAspectRatio": ["4", "5"]}], ids=str
)
def test_pixels_that_are_not_square_are_mentioned(keywords: dict[str, object]) -> None:
    assert Oddity.PIXELS_NOT_SQUARE in spacing_oddities(header(**keywords))


def test_rounding_makes_no_pixel_oblong() -> None:
    dog = header(ImagerPixelSpacing=[1.2, 1.201199999999])

    assert spacing_oddities(dog) == ()


@given(imager=st.floats(0.02, 2.0), magnification=st.floats(0.01, 100), aspect=st.floats(0.6, 1.6))
def test_correction_shrinks_and_never_turns_the_aspect(
    imager: float, magnification: float, aspect: float
) -> None:
    stated = header(ImagerPixelSpacing=[round(imager, 6), round(imager * aspect, 6)])
    stated.add_new("EstimatedRadiographicMagnificationFactor", "DS", f"{magnification:.6f}")
    uncorrected = pixel_spacing(header(ImagerPixelSpacing=stated.ImagerPixelSpacing))

    spacing = pixel_spacing(stated)

    assert spacing.row_mm is not None
    assert uncorrected.row_mm is not None
    assert 0 < spacing.row_mm <= uncorrected.row_mm
    assert math.isclose(spacing.aspect, uncorrected.aspect)
