"""`thorax explain` prints why a value is what it is."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from service.commands.explain import explain, result_of
from service.domain.analysis import Reason
from service.domain.identifiers import SOPInstanceUID
from service.domain.image import ViewPosition
from service.domain.job import JobState
from service.domain.prior import Change, Prior, Relation
from service.encoders.files import write_json
from service.encoders.result_json import done_document, ended_document
from service.settings import Settings, SettingsError
from tests.phantoms import MODEL, REFERENCE, phantom_analysis, without_measurements

JOB = "0" * 32


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "results" / JOB).mkdir(parents=True)
    return Settings(home=tmp_path)


@pytest.fixture
def printed() -> Console:
    return Console(file=StringIO(), width=200)


def text_of(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def write(settings: Settings, document: dict[str, object]) -> None:
    write_json(document, settings.home / "results" / JOB / "result.json")


def test_a_value_is_shown_with_points_masks_and_spacing(
    settings: Settings, printed: Console
) -> None:
    analysis = phantom_analysis()
    width = analysis.measurement("cardiac_width")
    write(settings, done_document(analysis, (), {}))

    assert explain(JOB, None, settings, printed) == 0

    text = text_of(printed)
    assert width is not None
    assert f"{round(width.value or 0, 4)} mm" in text
    assert f"({width.points[0][0]:g}, {width.points[0][1]:g})" in text
    assert str(int(analysis.segmentation.mask("heart").sum())) in text
    assert "pixel_spacing_calibrated" in text


def test_one_measurement_can_be_asked_for(settings: Settings, printed: Console) -> None:
    write(settings, done_document(phantom_analysis(), (), {}))

    assert explain(JOB, "thoracic_width", settings, printed) == 0

    assert "thoracic_width" in text_of(printed)
    assert "cardiothoracic_ratio" not in text_of(printed)


def test_an_unknown_measurement_is_named_with_those_that_there_are(
    settings: Settings, printed: Console
) -> None:
    write(settings, done_document(phantom_analysis(), (), {}))

    assert explain(JOB, "shoe_size", settings, printed) == 1

    assert "shoe_size" in text_of(printed)
    assert "thoracic_width" in text_of(printed)


def test_what_was_not_measured_says_why(settings: Settings, printed: Console) -> None:
    write(settings, done_document(without_measurements(phantom_analysis(), "no heart"), (), {}))

    explain(JOB, "cardiac_width", settings, printed)

    assert "not measured: no heart" in text_of(printed)


def test_the_prior_and_what_changed_are_told(settings: Settings, printed: Console) -> None:
    before = replace(REFERENCE, sop_instance_uid=SOPInstanceUID("1.2.3"))
    prior = Prior(before, "20250131", ViewPosition.POSTERO_ANTERIOR, "archive", MODEL, ())
    change = Change("cardiac_width", 12.0, 15.0, 3.0, 2.5, Relation.LARGER)
    analysis = replace(phantom_analysis(), prior=prior, changes=(change,))
    write(settings, done_document(analysis, (), {}))

    explain(JOB, "cardiac_width", settings, printed)

    assert "PA of 2025-01-31, found in archive" in text_of(printed)
    assert "+3 from 12.0: larger (limit 2.5)" in text_of(printed)


def test_a_skipped_job_is_explained_by_its_reason(settings: Settings, printed: Console) -> None:
    reason = Reason("not_chest", "BodyPartExamined is not a chest")
    write(settings, ended_document(JobState.SKIPPED, reason, None))

    assert explain(JOB, None, settings, printed) == 0

    assert "not_chest: BodyPartExamined is not a chest" in text_of(printed)


def test_a_folder_that_the_command_analyse_wrote_will_do(tmp_path: Path) -> None:
    document = done_document(phantom_analysis(), (), {})
    write_json(document, tmp_path / "result.json")

    assert result_of(str(tmp_path), Settings())["schema"] == document["schema"]


def test_a_job_without_a_result_is_an_error_that_says_what_to_give(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="job id"):
        result_of("f" * 32, settings)
