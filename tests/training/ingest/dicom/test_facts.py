"""A header gives up facts of acquisition, whatever else stands in it."""

import pytest
from pydicom.dataset import Dataset

from training.ingest.dicom.facts import acquisition


@pytest.mark.parametrize(
    ("agent", "contrast"),
    [("Omnipaque 350", True), ("NONE", False), ("no", False), ("", None), (None, None)],
)
def test_contrast_is_yes_no_or_not_stated(agent: str | None, contrast: bool | None) -> None:  # noqa: FBT001
    dataset = Dataset()
    if agent is not None:
        dataset.ContrastBolusAgent = agent

    assert acquisition(dataset).contrast is contrast


@pytest.mark.parametrize(
    ("age", "band"), [("064Y", "60-69"), ("018M", "0-9"), ("095Y", "90+"), ("", None), ("64", None)]
)
def test_an_age_string_becomes_a_decade(age: str, band: str | None) -> None:
    dataset = Dataset()
    dataset.PatientAge = age

    assert acquisition(dataset).age_band == band


def test_a_name_in_the_field_of_the_model_does_not_pass_when_it_is_no_plain_text() -> None:
    dataset = Dataset()
    dataset.ManufacturerModelName = "Müller, Jane; born 1960"

    assert acquisition(dataset).model is None
