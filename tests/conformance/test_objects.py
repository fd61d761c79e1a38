"""Every object of every source: valid, readable, and the same bytes each time."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom import config

from service.domain.analysis import ObjectKind
from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.encoders.files import write_dicom
from service.encoders.registry import EncodingOptions, encode
from tests.builders import build_dx
from tests.conformance.films import Film, films
from tests.conformance.validators import dciodvfy_errors
from tests.headers import STRICT, VIEWER, analysis_of, reference_of
from tests.peers import REPOSITORY
from tests.phantoms import phantom_analysis

PROFILES = {"viewer": VIEWER, "strict": STRICT}
FILMS = {film.name: film for film in films()}


@pytest.fixture(params=FILMS)
def film(request: pytest.FixtureRequest) -> Film:
    return FILMS[request.param]


@pytest.fixture(params=PROFILES)
def options(request: pytest.FixtureRequest) -> EncodingOptions:
    return PROFILES[request.param]


@pytest.mark.peer
def test_dciodvfy_finds_no_error_in_any_object(
    film: Film, options: EncodingOptions, tmp_path: Path
) -> None:
    # The profile is the segmentation's; of the others it changes the UIDs alone.
    for kind in ObjectKind if options is VIEWER else (ObjectKind.SEG,):
        path = tmp_path / f"{kind}.dcm"
        write_dicom(encode(kind, film.analysis, film.header, options), path)

        assert dciodvfy_errors(path) == []


def test_masks_and_names_survive_the_file(
    film: Film, options: EncodingOptions, tmp_path: Path
) -> None:
    path = tmp_path / "seg.dcm"
    write_dicom(encode(ObjectKind.SEG, film.analysis, film.header, options), path)

    read = hd.seg.segread(path)

    masks = film.analysis.segmentation.masks
    numbers = [number for number, mask in enumerate(masks, start=1) if mask.any()]
    frames = read.get_pixels_by_source_instance(
        [film.analysis.image.reference.sop_instance_uid],
        segment_numbers=numbers,
        ignore_spatial_locations=True,
    )
    assert np.array_equal(np.moveaxis(frames[0], -1, 0) > 0, masks[[n - 1 for n in numbers]])
    assert str(read.PatientName) == film.patient_name


@pytest.mark.peer
@pytest.mark.parametrize("options", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("size", [(96, 80), (95, 81)], ids=["whole bytes", "odd size"])
def test_dciodvfy_accepts_a_segmentation_in_which_nothing_was_found(
    options: EncodingOptions, size: tuple[int, int], tmp_path: Path
) -> None:
    header = build_dx(np.zeros(size, dtype=np.uint16))
    analysis = analysis_of(header)
    nothing = replace(analysis.segmentation, masks=np.zeros_like(analysis.segmentation.masks))
    path = tmp_path / "seg.dcm"

    write_dicom(
        encode(ObjectKind.SEG, replace(analysis, segmentation=nothing), header, options), path
    )

    assert dciodvfy_errors(path) == []


MAKE_ALL = """
import hashlib, sys
from pathlib import Path
from service.domain.analysis import ObjectKind
from service.encoders.files import write_dicom
from service.encoders.registry import encode
from tests.conformance.films import films
from tests.headers import VIEWER
path = Path(sys.argv[1])
for film in films()[::4]:
    for kind in ObjectKind:
        write_dicom(encode(kind, film.analysis, film.header, VIEWER), path)
        print(film.name, kind, hashlib.sha256(path.read_bytes()).hexdigest())
"""


def test_another_process_at_another_place_makes_the_same_bytes(tmp_path: Path) -> None:
    """Another hash seed and time zone: what random numbers, sets and clocks would follow."""
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"},
    ]

    made = [
        subprocess.run(
            [sys.executable, "-c", MAKE_ALL, tmp_path / f"{number}.dcm"],
            check=True,
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env={"PATH": "", "PYTHONPATH": str(REPOSITORY), **variables},
        ).stdout.splitlines()
        for number, variables in enumerate(surroundings)
    ]

    assert made[0] == made[1]
    assert len(set(made[0])) == len(made[0]) > 10


@pytest.mark.peer
@pytest.mark.shared
def test_dciodvfy_finds_no_error_in_what_real_films_give(shared_data: Path, tmp_path: Path) -> None:
    """Real headers: no dates, PixelSpacing 0, hashes for dates and numbers, Secondary Capture."""
    sources = sorted((shared_data / "data" / "dicom" / "chest").glob("*.dcm"))
    assert len(sources) >= 8
    wrong = {}
    for source in sources:
        with config.disable_value_validation():
            header = pydicom.dcmread(source, force=True, stop_before_pixels=True)
            analysis = phantom_analysis(
                header.Rows, header.Columns, spacing=spacing(header), reference=reference_of(header)
            )
        for kind in ObjectKind:
            path = tmp_path / f"{source.stem}-{kind}.dcm"
            write_dicom(encode(kind, analysis, header, VIEWER), path)
            wrong[path.name] = dciodvfy_errors(path)
            path.unlink()

    assert {name: errors for name, errors in wrong.items() if errors} == {}


def spacing(header: pydicom.Dataset) -> PixelSpacing:
    row, column = (float(v) for v in header.get("PixelSpacing") or (0, 0))
    unstated = SpacingProvenance.PIXEL_SPACING_UNSTATED
    return PixelSpacing(row, column, unstated) if row > 0 < column else NO_SPACING
