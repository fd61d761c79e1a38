"""Presentation state, key objects, page and Bundle of every source can be read as meant."""

import subprocess
from copy import deepcopy
from io import BytesIO
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from fhir.resources.bundle import Bundle
from pypdf import PdfReader

from service.domain.analysis import EncodedObject, ObjectKind
from service.encoders.contours import outlines
from service.encoders.derived_uids import object_identity
from service.encoders.drawn import shown_segments
from service.encoders.fhir_bundle import fhir_bundle
from service.encoders.files import write_dicom
from service.encoders.registry import encode
from tests.conformance.films import Film, films
from tests.fhir import stored
from tests.headers import VIEWER
from tests.peers import require

FILMS = {film.name: film for film in films()}


@pytest.fixture(params=FILMS)
def film(request: pytest.FixtureRequest) -> Film:
    return FILMS[request.param]


def written(kind: ObjectKind, film: Film, folder: Path) -> Path:
    path = folder / f"{kind}.dcm"
    write_dicom(encode(kind, film.analysis, film.header, VIEWER), path)
    return path


def test_outlines_polarity_and_name_survive_in_the_presentation_state(
    film: Film, tmp_path: Path
) -> None:
    read = pydicom.dcmread(written(ObjectKind.GSPS, film, tmp_path))

    is_inverse = film.header.PhotometricInterpretation == "MONOCHROME1"
    assert read.PresentationLUTShape == ("INVERSE" if is_inverse else "IDENTITY")
    assert str(read.PatientName) == film.patient_name
    graphics = {
        item.GraphicLayer: item.get("GraphicObjectSequence", [])
        for item in read.GraphicAnnotationSequence
    }
    for segment in shown_segments(film.analysis):
        expected = outlines(film.analysis.segmentation.mask(segment.key))
        drawn = graphics[f"SEGMENT {segment.number}"]
        assert len(drawn) == len(expected)
        for graphic, line in zip(drawn, expected, strict=True):
            column_row = np.array(graphic.GraphicData).reshape(-1, 2) - 0.5
            assert np.allclose(column_row[:, ::-1], line, atol=1e-3)


@pytest.mark.peer
def test_dcmtk_finds_nothing_wrong_with_the_presentation_state(film: Film, tmp_path: Path) -> None:
    """The patient has an ASCII name here: dcmpschk 3.6.7 takes letters of UTF-8 for errors."""
    header = deepcopy(film.header)
    header.PatientName = "Phantom^Drawn"
    path = tmp_path / "state.dcm"
    write_dicom(encode(ObjectKind.GSPS, film.analysis, header, VIEWER), path)

    checked = subprocess.run(
        [require("dcmpschk"), path], check=False, capture_output=True, text=True, timeout=60
    )

    assert checked.returncode == 0
    assert [line for line in checked.stderr.splitlines() if line.startswith(("E:", "F:"))] == []


def test_highdicom_reads_back_the_key_objects(film: Film, tmp_path: Path) -> None:
    path = written(ObjectKind.KOS, film, tmp_path)

    read = hd.ko.KeyObjectSelectionDocument.from_dataset(pydicom.dcmread(path))

    capture = object_identity(ObjectKind.SC, film.analysis, VIEWER)
    source = film.analysis.image.reference
    assert [each.referenced_sop_instance_uid for each in read.content.get_references()] == [
        capture.sop_instance_uid,
        source.sop_instance_uid,
    ]
    assert str(read.PatientName) == film.patient_name


def test_the_page_can_be_read_and_names_the_patient_by_number(film: Film, tmp_path: Path) -> None:
    read = pydicom.dcmread(written(ObjectKind.PDF, film, tmp_path))

    (page,) = PdfReader(BytesIO(read.EncapsulatedDocument)).pages

    text = page.extract_text()
    assert film.header.PatientID in text
    assert film.header.SOPInstanceUID in text
    assert "Cardiothoracic ratio" in text
    assert str(read.PatientName) == film.patient_name


def test_the_bundle_is_valid_fhir_and_names_the_patient_by_number(film: Film) -> None:
    analysis, header = film.analysis, film.header
    made = {
        kind: encode(kind, analysis, header, VIEWER) for kind in (ObjectKind.SEG, ObjectKind.SR)
    }
    objects = [
        EncodedObject(kind, each.SOPClassUID, each.SOPInstanceUID, Path(f"{kind}.dcm"))
        for kind, each in made.items()
    ]

    bundle = fhir_bundle(stored(analysis, objects), made[ObjectKind.SR], made[ObjectKind.SEG])

    assert Bundle.model_validate(bundle).type == "collection"
    report = bundle["entry"][0]["resource"]
    assert report["subject"]["identifier"]["value"] == header.PatientID
    assert not any(part in str(bundle) for part in film.patient_name.split("=")), "the name"
    values = [
        each["resource"]["valueQuantity"]["value"]
        for each in bundle["entry"]
        if "valueQuantity" in each["resource"]
    ]
    assert values == [round(m.value, 4) for m in analysis.measurements if m.value is not None]
