import struct
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from service.domain.analysis import ObjectKind
from service.domain.image import PixelSpacing, SpacingProvenance
from service.encoders.files import write_dicom
from service.encoders.registry import encode
from tests.builders import build_cr, build_dx, draw_chest, write_part10
from tests.headers import VIEWER, analysis_of
from tests.peers import require


def state_of(header: Dataset, spacing: PixelSpacing | None = None) -> Dataset:
    analysis = analysis_of(header, spacing) if spacing else analysis_of(header)
    return encode(ObjectKind.GSPS, analysis, header, VIEWER)


def table(entries: int = 4096) -> Dataset:
    """Return a VOI LUT that turns the film's values into a curve; 0 stands for 65536 entries."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [entries % 65536, 0, 16])
    curve = (np.linspace(0, 1, entries) ** 2 * 65535).astype("<u2")
    item.add_new("LUTData", "OW", curve.tobytes())
    return item


@pytest.mark.parametrize(
    ("polarity", "shape"), [("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "IDENTITY")]
)
def test_the_polarity_is_the_source_s(polarity: str, shape: str) -> None:
    assert state_of(build_cr(PhotometricInterpretation=polarity)).PresentationLUTShape == shape


def test_rescale_and_window_are_the_source_s() -> None:
    made = state_of(
        build_dx(RescaleSlope="2", RescaleIntercept="-5", WindowCenter="700", WindowWidth="900")
    )

    assert (made.RescaleSlope, made.RescaleIntercept, made.RescaleType) == (2, -5, "US")
    (voi,) = made.SoftcopyVOILUTSequence
    assert (voi.WindowCenter, voi.WindowWidth) == (700, 900)


def test_of_several_windows_the_first_usable_one_is_taken() -> None:
    made = state_of(
        build_dx(WindowCenter=["1", "50"], WindowWidth=["0", "70"], VOILUTFunction="SIGMOID")
    )

    (voi,) = made.SoftcopyVOILUTSequence
    assert (voi.WindowCenter, voi.WindowWidth, voi.VOILUTFunction) == (50, 70, "SIGMOID")


def test_a_film_without_a_window_gets_none() -> None:
    assert "SoftcopyVOILUTSequence" not in state_of(build_cr())


@pytest.mark.parametrize("broken", [{"WindowWidth": None}, {"WindowCenter": None}])
def test_half_a_window_is_none(broken: dict[str, object]) -> None:
    assert "SoftcopyVOILUTSequence" not in state_of(build_dx(**broken))


def test_a_table_goes_before_a_window() -> None:
    (voi,) = state_of(build_dx(VOILUTSequence=[table()])).SoftcopyVOILUTSequence

    assert "WindowCenter" not in voi
    assert list(voi.VOILUTSequence[0].LUTDescriptor) == [4096, 0, 16]
    assert len(voi.VOILUTSequence[0].LUTData) == 2 * 4096


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("entries", [4096, 65536])
def test_a_table_survives_the_file(syntax: str, entries: int, tmp_path: Path) -> None:
    """Its Value Representations are for the reader to guess in Implicit VR."""
    path = write_part10(
        build_dx(VOILUTSequence=[table(entries)]),
        tmp_path / "film.dcm",
        syntax,
    )
    header = pydicom.dcmread(path, stop_before_pixels=True)
    buffer = BytesIO()

    state_of(header).save_as(buffer, enforce_file_format=True)

    buffer.seek(0)
    (voi,) = pydicom.dcmread(buffer).SoftcopyVOILUTSequence
    (read,) = voi.VOILUTSequence
    assert list(read.LUTDescriptor) == [entries % 65536, 0, 16]
    assert struct.unpack("<H", bytes(read.LUTData)[-2:]) == (65535,)


def test_a_broken_table_is_left_out() -> None:
    broken = table()
    broken.LUTData = b""

    (voi,) = state_of(build_dx(VOILUTSequence=[broken])).SoftcopyVOILUTSequence

    assert "VOILUTSequence" not in voi
    assert voi.WindowWidth == 4096


def test_oblong_pixels_are_shown_oblong() -> None:
    oblong = PixelSpacing(0.3, 0.2, SpacingProvenance.CALIBRATED)

    (area,) = state_of(build_dx(), oblong).DisplayedAreaSelectionSequence

    assert list(area.PresentationPixelAspectRatio) == [3, 2]


def test_the_shutter_is_the_source_s_when_it_is_whole() -> None:
    edges = {
        "ShutterLeftVerticalEdge": "5",
        "ShutterRightVerticalEdge": "70",
        "ShutterUpperHorizontalEdge": "6",
    }
    whole = edges | {"ShutterLowerHorizontalEdge": "90"}

    made = state_of(build_dx(ShutterShape="RECTANGULAR", **whole))
    partial = state_of(build_dx(ShutterShape="RECTANGULAR", **edges))

    assert {keyword: str(made[keyword].value) for keyword in whole} == whole
    assert made.ShutterPresentationValue == 0
    assert "ShutterShape" not in partial


SOURCES = {
    "MONOCHROME2": build_dx(draw_chest(200, 160)),
    "MONOCHROME1": build_dx(
        draw_chest(200, 160),
        PhotometricInterpretation="MONOCHROME1",
        PresentationLUTShape="INVERSE",
    ),
    "CR, MONOCHROME1": build_cr(draw_chest(200, 160), PhotometricInterpretation="MONOCHROME1"),
    "a narrow window": build_dx(draw_chest(200, 160), WindowCenter="2000", WindowWidth="2500"),
    "a table": build_dx(
        draw_chest(200, 160), VOILUTSequence=[table()], WindowCenter=None, WindowWidth=None
    ),
    "rescaled": build_dx(
        draw_chest(200, 160), RescaleSlope="2", WindowCenter="4000", WindowWidth="6000"
    ),
}


@pytest.mark.peer
@pytest.mark.parametrize("name", SOURCES)
def test_dcmtk_shows_the_film_with_it_as_without_it(name: str, tmp_path: Path) -> None:
    """It draws no graphics, so the two pictures must be the same, pixel for pixel."""
    film = write_part10(SOURCES[name], tmp_path / "film.dcm")
    state = tmp_path / "state.dcm"
    write_dicom(state_of(SOURCES[name]), state)

    plain = _rendered(film, tmp_path / "plain.pgm")
    stated = _rendered(film, tmp_path / "stated.pgm", "-p", str(state))

    assert np.array_equal(plain, stated)
    assert len(np.unique(plain)) > 2


def _rendered(film: Path, picture: Path, *options: str) -> np.ndarray:
    command = [require("dcmp2pgm"), *options, film, picture]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    return np.asarray(Image.open(picture))
