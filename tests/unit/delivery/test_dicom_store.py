import pytest
from pydantic import ValidationError

from service.delivery.dicom_store import DicomOptions

GIVEN = {"host": "pacs", "port": 104, "ae_title": "PACS"}


def test_three_options_are_enough() -> None:
    options = DicomOptions.model_validate(GIVEN)

    assert options.calling_ae_title is None
    assert options.response_seconds == 30


@pytest.mark.parametrize(
    "wrong",
    [{"host": ""}, {"port": 0}, {"port": 65536}, {"ae_title": "x" * 17}, {"called": "PACS"}],
    ids=str,
)
def test_wrong_options_are_refused_by_name(wrong: dict[str, object]) -> None:
    (name,) = wrong

    with pytest.raises(ValidationError, match=name):
        DicomOptions.model_validate(GIVEN | wrong)
