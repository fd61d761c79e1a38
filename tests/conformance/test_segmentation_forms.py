"""Every form of a segmentation of every source: valid, and the same masks to every reader.

The readers are highdicom and dcmqi (DCMTK); dciodvfy judges. dcmqi does not read a segmentation
without plane (`strict`) and none in JPEG-LS, dciodvfy 2022 knows no LABELMAP and reads no deflated
file: `docs/objects.md` says so, and tests here say when that changes.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from service.domain.analysis import ObjectKind
from service.encoders.files import write_dicom
from service.encoders.registry import EncodingOptions, SegForm, encode_all
from tests.conformance.films import Film, films
from tests.conformance.validators import dciodvfy_errors
from tests.dcmqi import segments_read
from tests.headers import STRICT, VIEWER

FILMS = {film.name: film for film in films()}
PROFILES = {"viewer": VIEWER, "strict": STRICT}
FORMS = {
    "binary": (SegForm.BINARY, ExplicitVRLittleEndian),
    "binary, deflated": (SegForm.BINARY, DeflatedExplicitVRLittleEndian),
    "fractional": (SegForm.FRACTIONAL, ExplicitVRLittleEndian),
    "fractional, RLE": (SegForm.FRACTIONAL, RLELossless),
    "fractional, JPEG-LS": (SegForm.FRACTIONAL, JPEGLSLossless),
    "labelmap": (SegForm.LABELMAP, ExplicitVRLittleEndian),
    "labelmap, RLE": (SegForm.LABELMAP, RLELossless),
    "labelmap, JPEG-LS": (SegForm.LABELMAP, JPEGLSLossless),
}
JUDGED = [name for name in FORMS if "labelmap" not in name and "deflated" not in name]
READ_BY_DCMQI = [name for name in FORMS if "JPEG-LS" not in name]


@pytest.fixture(params=FILMS)
def film(request: pytest.FixtureRequest) -> Film:
    return FILMS[request.param]


def written(film: Film, options: EncodingOptions, form: str, folder: Path) -> list[Path]:
    kind, transfer_syntax_uid = FORMS[form]
    options = replace(
        options,
        seg_form=kind,
        seg_transfer_syntax_uid=transfer_syntax_uid,
        deflate=transfer_syntax_uid == DeflatedExplicitVRLittleEndian,
    )
    made = encode_all(ObjectKind.SEG, film.analysis, film.header, options)
    paths = [folder / f"{number}.dcm" for number in range(len(made))]
    for dataset, path in zip(made, paths, strict=True):
        assert dataset.file_meta.TransferSyntaxUID == transfer_syntax_uid
        write_dicom(dataset, path)
    return paths


def drawn(film: Film) -> dict[str, NDArray[np.bool_]]:
    """The masks that went in, under their labels; those that were found."""
    segmentation = film.analysis.segmentation
    pairs = zip(segmentation.segments, segmentation.masks, strict=True)
    return {segment.label: mask for segment, mask in pairs if mask.any()}


def read_by_highdicom(paths: Sequence[Path], film: Film) -> dict[str, NDArray[np.bool_]]:
    read: dict[str, NDArray[np.bool_]] = {}
    for path in paths:
        segmentation = hd.seg.segread(path)
        planes = segmentation.get_pixels_by_source_instance(
            [film.analysis.image.reference.sop_instance_uid],
            segment_numbers=segmentation.segment_numbers,
            ignore_spatial_locations=True,
        )
        for index, number in enumerate(segmentation.segment_numbers):
            label = segmentation.get_segment_description(number).SegmentLabel
            assert label not in read
            read[label] = planes[0, :, :, index] > 0
    return read


def are_the_same(
    found: dict[str, NDArray[np.bool_]], expected: dict[str, NDArray[np.bool_]]
) -> bool:
    found = {label: mask for label, mask in found.items() if mask.any()}
    return found.keys() == expected.keys() and all(
        np.array_equal(found[label], mask) for label, mask in expected.items()
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("profile", PROFILES)
def test_highdicom_reads_the_masks_that_went_in(
    film: Film, profile: str, form: str, tmp_path: Path
) -> None:
    paths = written(film, PROFILES[profile], form, tmp_path)

    assert are_the_same(read_by_highdicom(paths, film), drawn(film))


@pytest.mark.peer
@pytest.mark.parametrize("profile", PROFILES)
def test_dciodvfy_finds_no_error_in_any_form_that_it_knows(
    film: Film, profile: str, tmp_path: Path
) -> None:
    for form in JUDGED:
        (path,) = written(film, PROFILES[profile], form, tmp_path)

        assert (form, dciodvfy_errors(path)) == (form, [])


@pytest.mark.peer
def test_dcmqi_reads_the_masks_that_went_in(film: Film, tmp_path: Path) -> None:
    for form in READ_BY_DCMQI:
        found: dict[str, NDArray[np.bool_]] = {}
        for path in written(film, VIEWER, form, tmp_path):
            found |= segments_read(path, tmp_path / f"{form} {path.stem}") or {}

        assert (form, are_the_same(found, drawn(film))) == (form, True)


@pytest.mark.peer
def test_dcmqi_refuses_what_the_page_says_that_it_refuses(tmp_path: Path) -> None:
    film = next(iter(FILMS.values()))
    refused = [(STRICT, "binary"), (STRICT, "fractional, RLE"), (VIEWER, "fractional, JPEG-LS")]

    for number, (options, form) in enumerate(refused):
        (path,) = written(film, options, form, tmp_path)
        assert segments_read(path, tmp_path / str(number)) is None


def test_a_labelmap_of_overlapping_structures_has_several_instances(tmp_path: Path) -> None:
    film = next(iter(FILMS.values()))

    paths = written(film, VIEWER, "labelmap", tmp_path)

    read = [hd.seg.segread(path) for path in paths]
    assert len(read) > 1
    assert len({each.SOPInstanceUID for each in read}) == len(read)
    assert len({each.SeriesInstanceUID for each in read}) == 1
    assert [each.InstanceNumber for each in read] == list(range(1, len(read) + 1))


def test_a_segment_has_the_same_number_and_words_in_every_form(tmp_path: Path) -> None:
    film = next(iter(FILMS.values()))
    told = []
    for form in ("binary", "fractional", "labelmap"):
        items = [
            item
            for path in written(film, VIEWER, form, tmp_path)
            for item in hd.seg.segread(path).SegmentSequence
        ]
        told.append(sorted(items, key=lambda item: int(item.SegmentNumber)))

    assert told[0] == told[1] == told[2]
