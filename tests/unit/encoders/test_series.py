from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import ObjectKind
from service.encoders.registry import encode
from service.encoders.series import content_date_and_time, series_description, series_number
from tests.builders import build_dx, build_sc
from tests.headers import VIEWER, analysis_of

DATES = ("ContentDate", "AcquisitionDate", "SeriesDate", "StudyDate")


def made_of(kind: ObjectKind, header: Dataset) -> Dataset:
    return encode(kind, analysis_of(header), header, VIEWER)


def test_each_kind_of_each_source_series_has_its_own_number() -> None:
    sources = [build_dx(SeriesNumber=number) for number in (None, "1", "2", "89")]
    numbers = [series_number(kind, source) for source in sources for kind in ObjectKind]

    assert len(set(numbers)) == len(numbers)
    assert min(numbers) == 9001
    assert max(numbers) == 9890 + len(ObjectKind)


@pytest.mark.parametrize("kind", ObjectKind)
def test_the_series_says_that_nobody_has_verified_it(kind: ObjectKind) -> None:
    made = made_of(kind, build_dx())

    assert made.SeriesDescription == series_description(kind)
    assert "automatic, unverified" in made.SeriesDescription
    assert len(made.SeriesDescription) <= 64


@pytest.mark.parametrize("first", range(len(DATES)), ids=DATES)
def test_the_date_is_the_nearest_one_that_the_source_has(first: int) -> None:
    known: dict[str, Any] = {keyword: f"2020010{place + 1}" for place, keyword in enumerate(DATES)}
    absent = dict.fromkeys(DATES[:first])

    source = build_dx(**(known | absent))

    assert content_date_and_time(source)[0] == f"2020010{first + 1}"


def test_a_film_without_any_date_gets_one_that_nobody_takes_for_real() -> None:
    header = build_dx(**dict.fromkeys(DATES))

    made = made_of(ObjectKind.SR, header)

    assert (made.ContentDate, made.ContentTime) == ("19000101", "000000")
    assert made.StudyDate == ""


@pytest.mark.parametrize("kind", ObjectKind)
def test_no_date_is_today_s(kind: ObjectKind) -> None:
    today = datetime.now(tz=UTC).strftime("%Y%m%d")

    assert today not in str(made_of(kind, build_dx()))


@pytest.mark.parametrize("kind", ObjectKind)
def test_patient_study_time_zone_and_order_come_from_the_source(kind: ObjectKind) -> None:
    request = Dataset()
    request.RequestedProcedureID, request.ScheduledProcedureStepID = "RP-1", ""
    header = build_dx(
        PatientAge="062Y",
        IssuerOfPatientID="HOSPITAL",
        StudyDescription="Chest",
        TimezoneOffsetFromUTC="-0400",
        RequestAttributesSequence=[request],
    )

    made = made_of(kind, header)

    assert made.PatientID == header.PatientID
    assert made.StudyInstanceUID == header.StudyInstanceUID
    assert (made.PatientAge, made.IssuerOfPatientID) == ("062Y", "HOSPITAL")
    assert (made.StudyDescription, made.TimezoneOffsetFromUTC) == ("Chest", "-0400")
    if kind in {ObjectKind.SR, ObjectKind.KOS}:  # documents name the order here
        assert made.ReferencedRequestSequence[0].RequestedProcedureID == "RP-1"
    else:
        (item,) = made.RequestAttributesSequence
        assert item.RequestedProcedureID == "RP-1"
        assert "ScheduledProcedureStepID" not in item


@pytest.mark.parametrize("kind", [ObjectKind.SEG, ObjectKind.SC, ObjectKind.GSPS])
def test_the_body_part_is_the_chest_without_a_side(kind: ObjectKind) -> None:
    made = made_of(kind, build_sc(BodyPartExamined="RIBCAGE", Laterality="R"))

    assert made.BodyPartExamined == "CHEST"
    assert "Laterality" not in made


@pytest.mark.parametrize("kind", ObjectKind)
def test_text_is_utf_8_only_where_ascii_does_not_do(kind: ObjectKind) -> None:
    plain = made_of(kind, build_dx(SpecificCharacterSet="ISO_IR 100"))
    chinese = made_of(kind, build_dx(SpecificCharacterSet="ISO_IR 192", PatientName="王^小明"))

    assert "SpecificCharacterSet" not in plain
    assert chinese.SpecificCharacterSet == "ISO_IR 192"


def test_a_label_in_another_alphabet_makes_the_text_utf_8() -> None:
    header = build_dx()
    analysis = analysis_of(header)
    first, *others = analysis.segmentation.segments
    greek = (replace(first, label="Πνεύμονας"), *others)
    segmentation = replace(analysis.segmentation, segments=greek)

    made = encode(ObjectKind.SEG, replace(analysis, segmentation=segmentation), header, VIEWER)

    assert made.SpecificCharacterSet == "ISO_IR 192"


@pytest.mark.parametrize("kind", ObjectKind)
def test_only_the_detector_s_contribution_has_a_time(kind: ObjectKind) -> None:
    header = build_dx(AcquisitionDateTime="20200102101500")

    items = made_of(kind, header).ContributingEquipmentSequence

    timed = [item.Manufacturer for item in items if "ContributionDateTime" in item]
    assert timed == [header.Manufacturer]
