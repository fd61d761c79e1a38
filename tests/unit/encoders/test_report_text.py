from dataclasses import replace

import pytest

from service.domain.image import NO_SPACING, ViewPosition
from service.domain.measurement import NormalRange
from service.domain.prior import Change, Prior, Relation
from service.encoders.report_text import identification, provenance, table_rows
from service.encoders.source_header import copyable_header
from tests.builders import build_dx
from tests.phantoms import phantom_analysis, without_measurements

ANALYSIS = phantom_analysis()


def patient_line(**keywords: object) -> str:
    header = copyable_header(build_dx(**keywords), ANALYSIS.image.reference)
    return identification(ANALYSIS, header)[0]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Phantom^Drawn", "Phantom Drawn"),
        ("Müller^Jörg^^Dr.", "Müller Jörg Dr."),
        ("Wang^XiaoDong=王^小东", "Wang XiaoDong"),
        ("", "-"),
    ],
)
def test_a_name_is_shown_in_a_form_of_which_the_page_has_all_letters(name: str, shown: str) -> None:
    assert patient_line(PatientName=name) == f"Patient ID: PHANTOM-1 · Name: {shown}"


@pytest.mark.parametrize("name", ["Διονυσιος", "王^小东", "山田^太郎=やまだ^たろう"])
def test_a_name_with_a_missing_letter_is_not_shown_in_part(name: str) -> None:
    line = patient_line(PatientName=name)

    assert "it is in the DICOM header" in line
    assert "PHANTOM-1" in line
    assert not set(name) & set(line) - set(" ^=")


def test_an_unknown_study_date_is_a_dash() -> None:
    header = copyable_header(
        build_dx(StudyDate="", AccessionNumber="A-9"), ANALYSIS.image.reference
    )

    assert identification(ANALYSIS, header)[1] == (
        "Study date: - · Accession number: A-9 · View: PA"
    )


def test_a_row_has_number_value_interval_range_and_change() -> None:
    width, ratio, thorax = ANALYSIS.measurements
    told = replace(
        ratio, value=0.52, interval=(0.5, 0.54), normal=NormalRange(None, 0.5, "adults", "x")
    )
    change = Change("cardiothoracic_ratio", 0.43, 0.52, 0.09, 0.03, Relation.LARGER)
    analysis = replace(ANALYSIS, measurements=(width, told, thorax), changes=(change,))

    first, second, third = table_rows(analysis)

    assert first.cells[:2] == ("1", width.name)
    assert second.cells == (
        "",
        "Cardiothoracic ratio",
        "0.52",
        "0.50 to 0.54",
        "up to 0.50",
        "0.43, +0.09, larger",
    )
    assert second.is_remarkable
    assert third.cells[0] == "2"
    assert first.colour == second.colour != third.colour


def test_a_value_without_a_line_has_a_row_without_number_and_colour() -> None:
    area = replace(ANALYSIS.measurements[0], key="area", points=(), drawn_with=None)

    *_, last = table_rows(replace(ANALYSIS, measurements=(*ANALYSIS.measurements, area)))

    assert (last.cells[0], last.colour) == ("", None)


def test_what_was_not_measured_has_no_row() -> None:
    assert table_rows(without_measurements(ANALYSIS)) == []


def test_millimetres_say_where_they_come_from() -> None:
    known = " ".join(provenance(ANALYSIS))
    unknown = " ".join(
        provenance(replace(ANALYSIS, image=replace(ANALYSIS.image, spacing=NO_SPACING)))
    )

    assert "0.2 x 0.2 mm (pixel spacing calibrated)" in known
    assert "Millimetres: none" in unknown


def test_the_prior_is_named() -> None:
    prior = Prior(
        ANALYSIS.image.reference,
        "20190503",
        ViewPosition.POSTERO_ANTERIOR,
        "database",
        ANALYSIS.model,
        (),
    )

    first, *_ = provenance(replace(ANALYSIS, prior=prior))

    assert "2019-05-03 (PA)" in first
    assert prior.reference.sop_instance_uid in first
