"""The facts of acquisition that are no identifiers; the one door through which headers pass."""

from typing import Any

from training.ingest.scan import Acquisition, age_band, known_sex, number, plain_text

YEARS_PER = {"Y": 1.0, "M": 1 / 12, "W": 1 / 52, "D": 1 / 365}
NO_CONTRAST = {"NONE", "NO", "N", "WITHOUT"}


def acquisition(dataset: Any) -> Acquisition:  # noqa: ANN401 - a pydicom dataset
    """What may be kept of a header; free text passes only when it is short and plain."""
    return Acquisition(
        kilovolt_peak=number(_anywhere(dataset, "KVP")),
        slice_thickness_mm=number(_anywhere(dataset, "SliceThickness")),
        manufacturer=plain_text(dataset.get("Manufacturer")),
        model=plain_text(dataset.get("ManufacturerModelName")),
        contrast=_contrast(dataset),
        sex=known_sex(dataset.get("PatientSex")),
        age_band=age_band(_years(str(dataset.get("PatientAge") or ""))),
    )


def _anywhere(dataset: Any, keyword: str) -> Any:  # noqa: ANN401
    """The value at the top, or in the functional groups of an enhanced object."""
    if keyword in dataset:
        return dataset.get(keyword)
    groups = [
        *dataset.get("SharedFunctionalGroupsSequence", []),
        *dataset.get("PerFrameFunctionalGroupsSequence", [])[:1],
    ]
    found = (element.value for group in groups for element in group.iterall())
    keywords = [element.keyword for group in groups for element in group.iterall()]
    return next((v for k, v in zip(keywords, found, strict=True) if k == keyword), None)


def _contrast(dataset: Any) -> bool | None:  # noqa: ANN401
    """Whether an agent is named; None where the header says nothing."""
    if dataset.get("ContrastBolusAgentSequence"):
        return True
    agent = str(dataset.get("ContrastBolusAgent") or "").strip().upper()
    return None if not agent else agent not in NO_CONTRAST


def _years(age: str) -> float | None:
    """Years of an Age String such as 045Y."""
    unit = age[-1:].upper()
    digits = age[:-1]
    return int(digits) * YEARS_PER[unit] if digits.isdigit() and unit in YEARS_PER else None
