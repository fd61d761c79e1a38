from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pypdf import PdfReader

from service.domain.analysis import ObjectKind
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of


@pytest.fixture(scope="module")
def header() -> Dataset:
    return build_dx()


@pytest.fixture(scope="module")
def made(header: Dataset) -> Dataset:
    return encode(ObjectKind.PDF, analysis_of(header), header, VIEWER)


def test_it_holds_a_page(made: Dataset) -> None:
    page = made.EncapsulatedDocument[: made.EncapsulatedDocumentLength]

    assert made.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert page.startswith(b"%PDF-")
    assert page.rstrip().endswith(b"%%EOF")
    assert len(PdfReader(BytesIO(page)).pages) == 1
    assert len(made.EncapsulatedDocument) % 2 == 0


def test_it_says_that_nobody_has_verified_it(made: Dataset) -> None:
    assert made.VerificationFlag == "UNVERIFIED"
    assert "unverified" in made.DocumentTitle


def test_it_names_its_source_and_that_it_names_the_patient(made: Dataset, header: Dataset) -> None:
    (source,) = made.SourceInstanceSequence

    assert source.ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert made.BurnedInAnnotation == "YES"
