"""Whole files as they come in: what is accepted, and what each bad one is called."""

import copy
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from service.domain.image import NO_SPACING, SourceImage, SpacingProvenance, ViewPosition
from service.errors import NotEligible, RejectedInstance
from service.imaging.eligibility import check_eligible
from service.imaging.read import DEFAULT_LIMITS, read_header, read_image, reference_of
from tests.builders import (
    build_cr,
    build_dx,
    build_sc,
    draw_chest,
    write_encapsulated,
    write_part10,
)
from tests.unit.imaging.codestreams import codestream_of, jpeg_2000_claiming

HEART, LUNG = (58, 45), (45, 24)
LARGEST = 65535


def read(path: Path) -> SourceImage:
    header = read_header(path)
    check_eligible(header)
    return read_image(path, header, DEFAULT_LIMITS)


def code_of(path: Path) -> str:
    with pytest.raises((RejectedInstance, NotEligible)) as caught:
        read(path)
    return caught.value.code


def test_a_digital_radiograph_is_read_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    dataset = build_dx()
    path = write_part10(dataset, tmp_path / "dx.dcm")

    image = read(path)

    assert image.pixels.shape == (dataset.Rows, dataset.Columns)
    assert image.pixels.dtype == np.float32
    assert image.pixels[HEART] > image.pixels[LUNG]
    assert image.reference.sop_instance_uid == dataset.SOPInstanceUID
    assert image.reference.sop_class_uid == dataset.SOPClassUID
    assert image.spacing.provenance is SpacingProvenance.CALIBRATED
    assert image.view is ViewPosition.POSTERO_ANTERIOR
    assert image.patient_left_is_on_image_right is True
    assert image.warnings == ()


def test_a_film_as_secondary_capture_that_says_nothing_is_read(tmp_path: Path) -> None:
    image = read(write_part10(build_sc(), tmp_path / "sc.dcm", ImplicitVRLittleEndian))

    assert image.spacing == NO_SPACING
    assert image.view is ViewPosition.UNKNOWN
    assert image.patient_left_is_on_image_right is None


@pytest.mark.parametrize(
    "transfer_syntax",
    [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, JPEG2000Lossless],
    ids=lambda uid: uid.name,
)
def test_the_same_radiograph_is_the_same_picture_in_each_encoding(
    tmp_path: Path, transfer_syntax: str
) -> None:
    dataset = build_cr(4095 - draw_chest(), PhotometricInterpretation="MONOCHROME1")
    plain = read(write_part10(copy.deepcopy(dataset), tmp_path / "plain.dcm"))

    image = read(write_part10(dataset, tmp_path / "dx.dcm", transfer_syntax))

    np.testing.assert_array_equal(image.pixels, plain.pixels)
    assert image.spacing == plain.spacing


def test_the_header_has_no_pixels_and_keeps_the_rest(tmp_path: Path) -> None:
    dataset = build_dx()

    header = read_header(write_part10(dataset, tmp_path / "dx.dcm"))

    assert "PixelData" not in header
    assert header.PatientName == dataset.PatientName


def test_a_file_without_preamble_and_meta_information_is_read(tmp_path: Path) -> None:
    path = write_part10(build_cr(), tmp_path / "cr.dcm", ImplicitVRLittleEndian)
    encoded = path.read_bytes()
    path.write_bytes(encoded[144 + int.from_bytes(encoded[140:144], "little") :])

    assert read(path).view is ViewPosition.POSTERO_ANTERIOR


def test_each_bad_input_has_its_name(tmp_path: Path) -> None:
    whole = write_part10(build_dx(), tmp_path / "whole.dcm").read_bytes()
    (tmp_path / "text.dcm").write_bytes(b"The patient has no complaints.\n" * 20)
    (tmp_path / "cut.dcm").write_bytes(whole[:-1000])

    assert code_of(tmp_path / "text.dcm") == "not_dicom"
    assert code_of(tmp_path / "cut.dcm") == "truncated"


@pytest.mark.parametrize(
    ("dataset", "code"),
    [
        pytest.param(build_dx(PixelData=None), "no_pixel_data", id="no pixels"),
        pytest.param(build_dx(Rows=97), "pixel_size_mismatch", id="a row too many"),
        pytest.param(build_dx(Rows=None), "missing_attribute", id="no rows"),
        pytest.param(build_dx(BodyPartExamined="HAND"), "not_chest", id="a hand"),
        pytest.param(build_sc(Modality="CT"), "wrong_modality", id="a film tagged CT"),
        pytest.param(
            build_sc(SamplesPerPixel=3, PhotometricInterpretation="RGB"), "colour", id="colour"
        ),
        pytest.param(build_dx(NumberOfFrames="3"), "multi_frame", id="three frames"),
        pytest.param(build_dx(StudyInstanceUID=None), "missing_attribute", id="no study"),
        pytest.param(build_dx(SeriesInstanceUID=""), "missing_attribute", id="an empty series"),
    ],
)
def test_each_bad_header_has_its_name(tmp_path: Path, dataset: Dataset, code: str) -> None:
    assert code_of(write_part10(dataset, tmp_path / "dx.dcm")) == code


@pytest.mark.parametrize(
    "keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID"]
)
@pytest.mark.parametrize(
    "uid",
    [
        b"../../../../tmp/x",
        b"/etc/passwd",
        b"1.2.3\x004.5",
        b"1.2.3;rm -rf",
        b"1." * 33,
        b"1..2",
        b"1.2.",
        b"\xc3\xa4.1.2",
        b"1.2\\1.3",
    ],
)
def test_a_uid_that_is_none_is_invalid_wherever_it_stands(
    tmp_path: Path, keyword: str, uid: bytes
) -> None:
    dataset = build_dx(PixelData=None)
    original = str(dataset[keyword].value).encode()
    path = write_part10(dataset, tmp_path / "dx.dcm", ImplicitVRLittleEndian)
    encoded = path.read_bytes()
    meta_end = 144 + int.from_bytes(encoded[140:144], "little")
    even = original + b"\0" * (len(original) % 2)
    hostile = uid + b"\0" * (len(uid) % 2)
    old = len(even).to_bytes(4, "little") + even
    new = len(hostile).to_bytes(4, "little") + hostile
    path.write_bytes(encoded[:meta_end] + encoded[meta_end:].replace(old, new, 1))

    with pytest.raises(RejectedInstance) as caught:
        read_header(path)

    assert caught.value.code == "invalid_uid"
    assert keyword in caught.value.text
    assert "etc" not in caught.value.text


def test_a_leading_zero_in_a_uids_component_is_accepted_with_a_warning(tmp_path: Path) -> None:
    path = write_part10(build_dx(StudyInstanceUID="1.2.03.4"), tmp_path / "dx.dcm")

    image = read(path)

    assert image.reference.study_instance_uid == "1.2.03.4"
    assert image.warnings == ("uid_leading_zero",)


@pytest.mark.parametrize("spacing", [None, ["0", "0"], ["-1", "-1"]], ids=str)
def test_a_missing_or_zero_spacing_only_costs_the_millimetres(
    tmp_path: Path, spacing: list[str] | None
) -> None:
    path = write_part10(build_cr(ImagerPixelSpacing=spacing), tmp_path / "cr.dcm")

    assert read(path).spacing == NO_SPACING


def test_oddities_of_the_header_become_warnings(tmp_path: Path) -> None:
    dataset = build_dx(
        BurnedInAnnotation="YES", PatientOrientation=["R", "H"], PixelSpacing=["0", "0"]
    )

    image = read(write_part10(dataset, tmp_path / "dx.dcm"))

    assert set(image.warnings) == {"burned_in_annotation", "not_upright", "spacing_ignored"}
    assert image.patient_left_is_on_image_right is False


def test_a_broken_codestream_is_rejected(tmp_path: Path) -> None:
    dataset = build_dx(np.random.default_rng(1).integers(0, 4096, (200, 200), np.uint16))
    codestream = bytearray(codestream_of(dataset, JPEG2000Lossless))
    middle = len(codestream) // 2
    broken = bytes(codestream[:middle]) + b"\xff\xd9"

    path = write_encapsulated(dataset, tmp_path / "dx.dcm", JPEG2000Lossless, broken)

    assert code_of(path) == "decode_failed"


BOMBS = {
    "plain": (ExplicitVRLittleEndian, bytes(200)),
    "compressed": (JPEG2000Lossless, jpeg_2000_claiming(LARGEST, LARGEST)),
}
MEASURED = """
import resource, sys
from pathlib import Path
from service.errors import RejectedInstance
from service.imaging.read import read_header, read_image
path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_image(path, read_header(path))
except RejectedInstance as error:
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(error.code, after - before, children)
"""


def two_gigabytes_at_most() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))


@pytest.mark.parametrize("kind", BOMBS)
def test_a_kilobyte_that_claims_65535_x_65535_pixels_costs_no_memory(
    tmp_path: Path, kind: str
) -> None:
    """Measured in a process of its own, which could not have the 8 GB if it asked."""
    transfer_syntax, value = BOMBS[kind]
    dataset = build_dx(Rows=LARGEST, Columns=LARGEST, PixelData=value)
    if kind == "plain":
        path = write_part10(dataset, tmp_path / "bomb.dcm")
    else:
        path = write_encapsulated(dataset, tmp_path / "bomb.dcm", transfer_syntax, value)
    assert path.stat().st_size < 2_500

    child = subprocess.run(
        [sys.executable, "-c", MEASURED, path],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=None if sys.platform == "darwin" else two_gigabytes_at_most,
    )

    code, growth, children = child.stdout.split()
    assert code in ("pixel_size_mismatch", "too_large")
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(growth) * unit < 50 * 1024**2
    assert int(children) == 0


def test_a_reference_is_read_from_any_header() -> None:
    dataset = build_dx()

    assert reference_of(dataset).series_instance_uid == dataset.SeriesInstanceUID


REAL_CHESTS = {
    "cr-fuji-mono1-10bit-no-preamble": (ViewPosition.POSTERO_ANTERIOR, SpacingProvenance.NONE),
    "cr-philips-mono1-15bit-j2k-lossy": (ViewPosition.POSTERO_ANTERIOR, SpacingProvenance.NONE),
    "cr-rsna-8bit-jpeg-baseline": (
        ViewPosition.POSTERO_ANTERIOR,
        SpacingProvenance.PIXEL_SPACING_UNSTATED,
    ),
    "dx-canon-mono1-12bit-j2k-lossless": (
        ViewPosition.POSTERO_ANTERIOR,
        SpacingProvenance.DETECTOR_PLANE,
    ),
    "sc-nih-a-tagged-dx": (ViewPosition.UNKNOWN, SpacingProvenance.NONE),
    "sc-nih-b-tagged-dx": (ViewPosition.UNKNOWN, SpacingProvenance.NONE),
    "sc-nih-bodypart-ribcage": (ViewPosition.UNKNOWN, SpacingProvenance.NONE),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL_CHESTS)
def test_real_films_are_read_with_the_spine_brighter_than_the_lungs(
    shared_data: Path, name: str
) -> None:
    view, provenance = REAL_CHESTS[name]

    image = read(shared_data / "data" / "dicom" / "chest" / f"{name}.dcm")

    rows, columns = image.rows, image.columns
    band = image.pixels[rows * 3 // 10 : rows * 5 // 10]
    right_lung = band[:, columns * 2 // 10 : columns * 4 // 10].mean()
    spine = band[:, columns * 9 // 20 : columns * 11 // 20].mean()
    assert spine > right_lung
    assert (image.view, image.spacing.provenance) == (view, provenance)


@pytest.mark.shared
def test_the_film_whose_polarity_tag_is_wrong_is_read_as_it_is_tagged(shared_data: Path) -> None:
    folder = shared_data / "data" / "dicom" / "chest"

    right = read(folder / "cr-rsna-8bit-jpeg-baseline.dcm")
    wrong = read(folder / "cr-rsna-wrongly-tagged-mono1.dcm")

    np.testing.assert_allclose(wrong.pixels, 1 - right.pixels, atol=1e-6)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("not-chest/cr-tibia-mono1-j2k", "not_chest"),
        ("not-chest/sc-nih-tagged-ct", "wrong_modality"),
        ("broken/dx-canon-broken-j2k-codestream", "decode_failed"),
    ],
)
def test_real_files_that_are_not_for_us_have_their_reason(
    shared_data: Path, name: str, code: str
) -> None:
    assert code_of(shared_data / "data" / "dicom" / f"{name}.dcm") == code


@pytest.mark.shared
def test_the_dental_films_modality_lut_leaves_teeth_brighter_than_air(shared_data: Path) -> None:
    image = read(shared_data / "data" / "dicom" / "not-chest" / "cr-dental-modality-lut.dcm")

    middle = image.pixels[
        image.rows * 4 // 10 : image.rows * 6 // 10,
        image.columns * 4 // 10 : image.columns * 6 // 10,
    ]
    assert middle.mean() > 2 * image.pixels[: image.rows // 10].mean()
    assert "modality_lut_ignored" not in image.warnings
