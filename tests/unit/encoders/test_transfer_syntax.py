from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from service.domain.analysis import ObjectKind
from service.encoders.files import write_dicom
from service.encoders.registry import SegForm, encode_all
from service.encoders.transfer_syntax import in_transfer_syntax, transfer_syntaxes
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of

FORMS = (SegForm.BINARY, SegForm.FRACTIONAL, SegForm.LABELMAP)


def made_in(form: SegForm) -> Dataset:
    header = build_dx(np.zeros((23, 19), np.uint16))
    return encode_all(ObjectKind.SEG, analysis_of(header), header, replace(VIEWER, seg_form=form))[
        0
    ]


def pairs() -> list[tuple[SegForm, UID, UID]]:
    return [
        (form, first, second)
        for form in FORMS
        for syntaxes in [transfer_syntaxes(made_in(form))]
        for first in syntaxes
        for second in syntaxes
    ]


@pytest.mark.parametrize(("form", "first", "second"), pairs())
def test_a_twin_is_the_same_instance_with_the_same_pixels(
    form: SegForm, first: UID, second: UID, tmp_path: Path
) -> None:
    made = made_in(form)
    path = tmp_path / "twin.dcm"
    write_dicom(in_transfer_syntax(made, first), path)

    write_dicom(in_transfer_syntax(pydicom.dcmread(path), second), path)

    read = hd.seg.segread(path)
    assert read.file_meta.TransferSyntaxUID == second
    assert read.SOPInstanceUID == made.SOPInstanceUID
    assert np.array_equal(read.pixel_array, made.pixel_array)
    assert [e for e in read if e.keyword != "PixelData"] == [
        e for e in made if e.keyword != "PixelData"
    ]


@pytest.mark.parametrize("form", FORMS)
def test_the_plainest_is_last_and_gives_what_was_encoded(form: SegForm) -> None:
    made = made_in(form)

    twin = in_transfer_syntax(
        in_transfer_syntax(made, transfer_syntaxes(made)[0]), transfer_syntaxes(made)[-1]
    )

    assert twin.PixelData == made.PixelData


def test_what_a_twin_is_made_of_stays_as_it_was() -> None:
    made = made_in(SegForm.FRACTIONAL)
    before = (made.file_meta.TransferSyntaxUID, made.PixelData)

    in_transfer_syntax(made, RLELossless)

    assert (made.file_meta.TransferSyntaxUID, made.PixelData) == before


def test_single_bits_are_deflated_but_never_run_length_encoded() -> None:
    made = made_in(SegForm.BINARY)

    assert DeflatedExplicitVRLittleEndian in transfer_syntaxes(made)
    with pytest.raises(ValueError, match="not written in"):
        in_transfer_syntax(made, RLELossless)
    with pytest.raises(ValueError, match="not written in"):
        in_transfer_syntax(made, JPEG2000Lossless)
