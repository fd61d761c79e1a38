import pytest
from pydicom import Dataset
from pydicom.sr.codedict import codes

from service.imaging.coded_concepts import coded_concepts
from tests.builders import build_dx


def region(value: object, scheme: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "Hand"
    return build_dx(AnatomicRegionSequence=[item])


@pytest.mark.parametrize("scheme", ["SRT", "SNM3", "99SDM"])
def test_a_code_of_older_snomed_is_found_among_todays(scheme: str) -> None:
    (found,) = coded_concepts(region("T-D8700", scheme), "AnatomicRegionSequence")

    assert {found} == {codes.cid4009.Hand}


def test_a_code_of_another_scheme_stays_apart() -> None:
    (found,) = coded_concepts(region("85562004", "99LOCAL"), "AnatomicRegionSequence")

    assert {found} != {codes.cid4009.Hand}


def test_an_item_without_code_and_an_absent_sequence_say_nothing() -> None:
    empty = build_dx(AnatomicRegionSequence=[Dataset()])

    assert [each.value for each in coded_concepts(empty, "AnatomicRegionSequence")] == [""]
    assert coded_concepts(build_dx(), "ViewCodeSequence") == ()
