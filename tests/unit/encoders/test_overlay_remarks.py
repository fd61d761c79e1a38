from dataclasses import replace

from service.domain.analysis import Analysis
from service.domain.image import ViewPosition
from service.domain.measurement import NormalRange, QualityCheck
from service.domain.prior import Change, Prior, Relation
from service.encoders.drawn import drawn_lines, shown_segments
from service.encoders.overlay_remarks import measurement_text, panel_sections
from tests.phantoms import phantom_analysis, without_measurements

ANALYSIS = phantom_analysis()
WIDTH, RATIO, _ = ANALYSIS.measurements


def said(analysis: Analysis) -> list[str]:
    sections = panel_sections(analysis, drawn_lines(analysis), shown_segments(analysis), "footer")
    return [entry.text for section in sections for entry in section.entries]


def test_a_value_stands_with_all_that_it_must_be_read_with() -> None:
    ratio = replace(
        RATIO, value=0.52, interval=(0.50, 0.54), normal=NormalRange(None, 0.5, "adults", "x")
    )
    change = Change("cardiothoracic_ratio", 0.43, 0.52, 0.09, 0.03, Relation.LARGER)
    analysis = replace(ANALYSIS, changes=(change,))

    assert measurement_text(ratio, analysis) == (
        "Cardiothoracic ratio 0.52 (0.50 to 0.54), above usual up to 0.50, "
        "before 0.43, +0.09, larger"
    )


def test_a_value_inside_its_range_is_not_called_anything() -> None:
    ratio = replace(RATIO, value=0.48, normal=NormalRange(None, 0.5, "adults", "x"))

    assert measurement_text(ratio, ANALYSIS) == "Cardiothoracic ratio 0.48, usual up to 0.50"


def test_a_bare_value_is_name_and_value() -> None:
    assert measurement_text(replace(WIDTH, value=143.6), ANALYSIS) == f"{WIDTH.name} 144 mm"


def test_the_number_of_a_line_stands_before_the_first_value_that_is_read_from_it() -> None:
    first, second, third, *_ = said(ANALYSIS)

    assert first.startswith("1: Maximal transverse cardiac diameter")
    assert second.startswith("Cardiothoracic ratio")
    assert third.startswith("2: Maximal internal thoracic diameter")


def test_a_value_without_a_line_is_listed_too() -> None:
    area = replace(WIDTH, key="area", name="Right lung area", points=(), drawn_with=None)
    analysis = replace(ANALYSIS, measurements=(*ANALYSIS.measurements, area))

    assert any(text.startswith("Right lung area") for text in said(analysis))


def test_what_was_not_measured_is_listed_by_its_reason() -> None:
    refused = said(without_measurements(ANALYSIS, "the heart was not found"))

    (line,) = (text for text in refused if text.startswith("Not measured"))
    assert line.startswith("Not measured (the heart was not found): ")
    assert all(m.name in line for m in ANALYSIS.measurements)


def test_a_check_that_did_not_pass_is_said_with_its_reason() -> None:
    checks = (
        QualityCheck("view", "passed", "PA"),
        QualityCheck("patient_rotation", "failed", 0.2, 0.4, "the patient is turned"),
    )

    doubts = [text for text in said(replace(ANALYSIS, quality=checks)) if "check" in text]

    assert doubts == ["Quality check failed: patient rotation: the patient is turned"]


def test_the_prior_is_named_by_its_day_and_view() -> None:
    prior = Prior(
        ANALYSIS.image.reference,
        "20190503",
        ViewPosition.POSTERO_ANTERIOR,
        "database",
        ANALYSIS.model,
        ANALYSIS.measurements,
    )

    texts = said(replace(ANALYSIS, prior=prior))

    assert any("2019-05-03, PA" in text for text in texts)


def test_each_shown_structure_and_the_footer_are_there() -> None:
    *_, footer = said(ANALYSIS)

    assert footer == "footer"
    assert {s.label for s in shown_segments(ANALYSIS)} <= set(said(ANALYSIS))
