from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import Analysis
from service.domain.measurement import NormalRange, QualityCheck
from service.encoders.sr_findings import check_sentence, evaluations, report_remarks
from service.encoders.sr_groups import drawn_groups
from tests.phantoms import phantom_analysis, without_measurements
from tests.reports import codes_of, detailed, report_of, texts_of

UNSURE = QualityCheck("rotation", "warning", 0.25)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return phantom_analysis()


@pytest.mark.parametrize(
    ("value", "position"),
    [
        (1.9, "Below reference range"),
        (2.0, "Within reference range"),
        (3.0, "Within reference range"),
        (3.1, "Above reference range"),
    ],
)
def test_a_value_is_held_against_its_range_and_nothing_is_diagnosed(
    analysis: Analysis, value: float, position: str
) -> None:
    usual = NormalRange(2.0, 3.0, "adults", "a paper")
    measured = replace(analysis.measurements[0], value=value, normal=usual)
    alone = replace(analysis, measurements=(measured,), quality=())

    (found,) = evaluations(drawn_groups(alone)[0], alone)

    assert (found.name.meaning, found.value.meaning) == (measured.code.meaning, position)
    assert texts_of(found[0]) == [measured.name]


def test_a_range_that_is_open_at_both_ends_says_nothing(analysis: Analysis) -> None:
    anything = NormalRange(None, None, "adults", "a paper")
    measured = replace(analysis.measurements[0], normal=anything)
    alone = replace(analysis, measurements=(measured,), quality=())

    assert evaluations(drawn_groups(alone)[0], alone) == []
    assert "a paper" not in texts_of(report_of(alone))


def test_without_range_prior_or_doubt_there_is_nothing_to_evaluate(analysis: Analysis) -> None:
    assert evaluations(drawn_groups(analysis)[0], analysis) == []


def test_checks_in_doubt_are_told_with_score_limit_and_reason(analysis: Analysis) -> None:
    remarks = report_remarks(detailed(analysis))

    assert codes_of(remarks) == {
        "Quality check: inspiration": "Passed with a warning",
        "Quality check: field bases": "Failed",
    }
    assert (
        "Quality check inspiration: warning, fewer than 9 ribs are seen (7, threshold 9)"
        in texts_of(remarks)
    )


def test_a_check_that_passed_is_not_told(analysis: Analysis) -> None:
    assert not any("view" in text for text in texts_of(report_remarks(analysis)))


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (UNSURE, "Quality check rotation: warning (0.25)"),
        (replace(UNSURE, value=None), "Quality check rotation: warning"),
        (replace(UNSURE, value="AP"), "Quality check rotation: warning (AP)"),
        (
            replace(UNSURE, reason="turned", threshold=0.4),
            "Quality check rotation: warning, turned (0.25, threshold 0.4)",
        ),
    ],
)
def test_a_check_is_said_as_far_as_it_is_known(check: QualityCheck, sentence: str) -> None:
    assert check_sentence(check) == sentence


def test_what_was_not_measured_says_whether_it_was_tried(analysis: Analysis) -> None:
    refused = without_measurements(analysis, "a lung base is cut off")

    stopped: Dataset = report_remarks(detailed(refused))
    vain: Dataset = report_remarks(refused)

    assert codes_of(stopped)["Cardiothoracic ratio"] == "Measurement not attempted"
    assert codes_of(vain)["Cardiothoracic ratio"] == "Measurement failure"
    assert "Cardiothoracic ratio: not measured, a lung base is cut off" in texts_of(vain)


def test_the_report_says_that_nobody_has_looked_at_it(analysis: Analysis) -> None:
    assert any("unverified" in text for text in texts_of(report_remarks(analysis)))
