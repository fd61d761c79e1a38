from dataclasses import replace
from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pypdf import PageObject, PdfReader

from service.domain.analysis import Analysis
from service.encoders.report_page import render_page
from service.encoders.source_header import copyable_header
from tests.builders import build_dx
from tests.headers import reference_of
from tests.phantoms import phantom_analysis, without_measurements

HEADER = build_dx(PatientID="P-17", PatientName="Müller^Jörg", StudyDate="20200102")
ANALYSIS = phantom_analysis(reference=reference_of(HEADER))


def page_of(analysis: Analysis = ANALYSIS, header: Dataset = HEADER) -> PageObject:
    source = copyable_header(header, analysis.image.reference)
    (page,) = PdfReader(BytesIO(render_page(analysis, source))).pages
    return page


def text_of(analysis: Analysis = ANALYSIS, header: Dataset = HEADER) -> str:
    return page_of(analysis, header).extract_text()


def with_more(count: int) -> Analysis:
    first = ANALYSIS.measurements[0]
    more = (
        replace(first, key=f"more_{i}", name=f"Further measurement {i}", drawn_with=None)
        for i in range(count)
    )
    return replace(ANALYSIS, measurements=(*ANALYSIS.measurements, *more))


def test_the_page_is_a4_and_holds_the_film() -> None:
    page = page_of()
    (film,) = page.images

    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)
    assert film.image is not None
    assert film.image.size == (750, 900)  # the phantom, 240 x 200, made as large as in the overlay


def test_it_says_whose_it_is_and_that_nobody_verified_it() -> None:
    text = text_of()

    assert "P-17" in text
    assert "Müller Jörg" in text
    assert "2020-01-02" in text
    assert "AUTOMATIC, UNVERIFIED - not for diagnosis" in text


def test_values_and_provenance_are_there() -> None:
    text = text_of()

    for measurement in ANALYSIS.measurements:
        assert measurement.name in text
    assert f"{ANALYSIS.measurements[0].value:.0f} mm" in text
    assert ANALYSIS.model.sha256 in text.replace("\n", "")
    assert HEADER.SOPInstanceUID in text


def test_what_was_not_measured_is_there_with_its_reason() -> None:
    text = text_of(without_measurements(ANALYSIS, "the heart was not found")).replace("\n", " ")

    assert "Not measured (the heart was not found)" in text


@pytest.mark.parametrize("count", [20, 40])
def test_many_values_still_go_on_one_page(count: int) -> None:
    assert f"Further measurement {count - 1}" in text_of(with_more(count))


def test_more_values_than_a_page_can_hold_are_not_left_out_silently() -> None:
    text = text_of(with_more(200))

    assert "more stand in the structured report" in text
    assert "SHA-256" in text, "the foot is not pushed off the page"


def test_a_long_name_does_not_run_into_the_value() -> None:
    first, *others = ANALYSIS.measurements
    long = replace(first, name="A measurement with a name that is longer than its column " * 2)

    text = text_of(replace(ANALYSIS, measurements=(long, *others)))

    assert "A measurement with a name" in text
    assert "..." in text


def test_the_same_analysis_gives_the_same_bytes() -> None:
    source = copyable_header(HEADER, ANALYSIS.image.reference)

    assert render_page(ANALYSIS, source) == render_page(ANALYSIS, source)


def test_its_letters_are_in_the_file() -> None:
    fonts = page_of()["/Resources"]["/Font"]  # type: ignore[index]
    used = [fonts[name].get_object() for name in fonts if "Vera" in str(fonts[name].get_object())]

    assert used
    assert all("/FontFile2" in font["/FontDescriptor"] for font in used)
