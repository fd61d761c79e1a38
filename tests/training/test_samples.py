from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from training.ingest.volume import Volume
from training.label.stage import label_volume
from training.project.scene import build_scene
from training.samples import SAMPLES, render

COMMITTED = sorted((Path(__file__).parents[2] / "samples").glob("*.dcm"))


@pytest.fixture(scope="module")
def rendered(phantom: Volume) -> dict[bool, pydicom.Dataset]:
    """The phantom as MONOCHROME2 and as MONOCHROME1 (by whether it is inverted)."""
    scene, framing = build_scene(phantom, label_volume(phantom, None))
    small = replace(SAMPLES[0], rows=91, columns=101)
    return {
        inverted: render(scene, framing, replace(small, inverted=inverted))
        for inverted in (False, True)
    }


def test_monochrome1_stores_the_same_picture_upside_down(
    rendered: dict[bool, pydicom.Dataset],
) -> None:
    plain, inverted = (rendered[key].pixel_array.astype(int) for key in (False, True))
    assert (plain + inverted == 4095).all()
    assert rendered[True].PhotometricInterpretation == "MONOCHROME1"


def test_lungs_are_darker_than_the_heart(rendered: dict[bool, pydicom.Dataset]) -> None:
    picture = rendered[False].pixel_array
    assert picture[45, 25] < picture[50, 55] > picture[45, 75]


def test_pixel_spacing_is_the_detectors_divided_by_the_magnification(
    rendered: dict[bool, pydicom.Dataset],
) -> None:
    dataset = rendered[False]
    at_detector, at_body = dataset.ImagerPixelSpacing[0], dataset.PixelSpacing[0]
    factor = dataset.EstimatedRadiographicMagnificationFactor
    assert at_body == pytest.approx(at_detector / factor, rel=1e-4)
    # source to detector 1800 mm; the body's middle 120 + 30 mm before the detector
    assert float(factor) == pytest.approx(1800 / (1800 - 150), rel=0.01)


def test_every_header_says_that_it_is_simulated() -> None:
    assert len(COMMITTED) == len(SAMPLES)
    for path in COMMITTED:
        header = pydicom.dcmread(path, stop_before_pixels=True)
        assert "imulated" in header.SeriesDescription
        assert str(header.PatientName).startswith("Simulated^")
        assert header.PatientID.startswith("SIM-")


def test_the_set_holds_what_breaks_careless_readers() -> None:
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in COMMITTED]
    assert any((h.Rows * h.Columns) % 8 for h in headers)
    assert any(h.Rows % 2 and h.Columns % 2 for h in headers)
    assert {h.PhotometricInterpretation for h in headers} == {"MONOCHROME1", "MONOCHROME2"}
    assert {h.ViewPosition for h in headers} == {"PA", "AP"}
    assert sum(path.stat().st_size for path in COMMITTED) < 4e6


def test_committed_pixels_use_their_twelve_bits() -> None:
    for path in COMMITTED:
        pixels = pydicom.dcmread(path).pixel_array
        assert int(np.ptp(pixels)) > 3500
        assert int(pixels.max()) <= 4095
