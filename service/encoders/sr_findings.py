"""What the report says in words and codes: ranges, changes, checks, what was not measured.

A value is held against a range, a check against its threshold. Nothing here is a diagnosis.
"""

from collections.abc import Iterator

import highdicom as hd
from highdicom.sr.value_types import ContainerContentItem, ContentItem

from service.domain.analysis import Analysis
from service.domain.image import SpacingProvenance
from service.domain.measurement import CheckStatus, Measurement, QualityCheck
from service.encoders import sr_codes, sr_items
from service.encoders.coding import dicom_code
from service.encoders.equipment import NOT_FOR_DIAGNOSIS
from service.encoders.sr_comparison import change_of
from service.encoders.sr_groups import DrawnGroup, refused
from service.encoders.sr_items import Relationship
from service.encoders.sr_values import has_range

_SPACING_TEXTS = {
    SpacingProvenance.CALIBRATED: "Pixel Spacing, calibrated",
    SpacingProvenance.MAGNIFICATION_CORRECTED: (
        "Imager Pixel Spacing, corrected for the stated magnification"
    ),
    SpacingProvenance.DETECTOR_PLANE: (
        "Imager Pixel Spacing: at the detector plane, larger than in the patient"
    ),
    SpacingProvenance.PIXEL_SPACING_UNSTATED: "Pixel Spacing, its calibration not stated",
    SpacingProvenance.CALLER: "given by the caller",
}


def evaluations(group: DrawnGroup, analysis: Analysis) -> list[hd.sr.QualitativeEvaluation]:
    """Return the coded findings of a group: positions in ranges, changes, checks that warn."""
    return [
        *(_position(each) for each in group.measurements if has_range(each)),
        *(found for each in group.measurements for found in _change(each, analysis)),
        *(_status(check) for check in _doubts(group, analysis)),
    ]


def group_remarks(group: DrawnGroup) -> Iterator[ContentItem]:
    """Yield where the group's millimetres come from, in words."""
    known = {provenance.value: text for provenance, text in _SPACING_TEXTS.items()}
    for remark in dict.fromkeys(m.qualifier for m in group.measurements if m.qualifier):
        said = f"Pixel size: {known[remark]}" if remark in known else remark
        yield sr_items.text(sr_codes.COMMENT, said, Relationship.CONTAINS)


def report_remarks(analysis: Analysis) -> ContainerContentItem:
    """Return what holds for the whole report: its status, what is missing, checks in doubt."""
    made = sr_items.container(sr_codes.QUALITATIVE)
    status = sr_items.text(sr_codes.COMMENT, NOT_FOR_DIAGNOSIS.capitalize(), Relationship.CONTAINS)
    sr_items.below(
        made,
        status,
        *(_missing(measurement, analysis) for measurement in refused(analysis)),
        *(_check(check) for check in analysis.quality if check.status != CheckStatus.PASSED),
    )
    return made


def _position(measurement: Measurement) -> hd.sr.QualitativeEvaluation:
    """Return where the value lies in its range; the question is the measurement itself."""
    if measurement.normal is None or measurement.value is None:
        raise ValueError(f"{measurement.key} has no value or no range")
    position = sr_codes.POSITIONS[measurement.normal.position(measurement.value)]
    return _of(measurement, hd.sr.QualitativeEvaluation(dicom_code(measurement.code), position))


def _change(measurement: Measurement, analysis: Analysis) -> Iterator[hd.sr.QualitativeEvaluation]:
    change = change_of(measurement, analysis)
    if change is not None and change.relation is not None:
        relation = sr_codes.RELATIONS[change.relation]
        yield _of(measurement, hd.sr.QualitativeEvaluation(sr_codes.CHANGE, relation))


def _of(measurement: Measurement, made: hd.sr.QualitativeEvaluation) -> hd.sr.QualitativeEvaluation:
    """Return `made` with the full name of what it is about: a group may hold two of one code."""
    how = Relationship.HAS_CONCEPT_MOD
    sr_items.below(made[0], sr_items.text(sr_codes.EQUIVALENT_MEANING, measurement.name, how))
    return made


def _doubts(group: DrawnGroup, analysis: Analysis) -> Iterator[QualityCheck]:
    """Yield the checks that a value of the group depends on and that did not pass."""
    gates = {gate for measurement in group.measurements for gate in measurement.gates}
    for check in analysis.quality:
        if check.check in gates and check.status != CheckStatus.PASSED:
            yield check


def _status(check: QualityCheck) -> hd.sr.QualitativeEvaluation:
    status = sr_codes.STATUSES[CheckStatus(check.status)]
    return hd.sr.QualitativeEvaluation(sr_codes.check_code(check.check), status)


def _missing(measurement: Measurement, analysis: Analysis) -> ContentItem:
    """Return that a value is missing, coded (CID 42), and why, in words.

    A NUM without a value would be the template's way, but its readers (highdicom, web viewers)
    expect one and fail.
    """
    failed = {check.check for check in analysis.quality if check.status == CheckStatus.FAILED}
    tried = failed.isdisjoint(measurement.gates)
    absence = sr_codes.FAILURE if tried else sr_codes.NOT_ATTEMPTED
    said = f"{measurement.name}: not measured, {measurement.reason}"
    return sr_items.below(
        sr_items.coded(dicom_code(measurement.code), absence, Relationship.CONTAINS),
        sr_items.text(sr_codes.COMMENT, said, Relationship.HAS_PROPERTIES),
    )


def _check(check: QualityCheck) -> ContentItem:
    """Return how a check came out, coded, and its score, limit and reason in words."""
    status = sr_codes.STATUSES[CheckStatus(check.status)]
    return sr_items.below(
        sr_items.coded(sr_codes.check_code(check.check), status, Relationship.CONTAINS),
        sr_items.text(sr_codes.COMMENT, check_sentence(check), Relationship.HAS_PROPERTIES),
    )


def check_sentence(check: QualityCheck) -> str:
    """Return the check in words: `Quality check rotation: warning, the film is turned (0.25)`."""
    said = f"Quality check {check.check}: {check.status}"
    if check.reason:
        said += f", {check.reason}"
    if check.value is None:
        return said
    limit = "" if check.threshold is None else f", threshold {check.threshold:g}"
    value = check.value if isinstance(check.value, str) else f"{check.value:g}"
    return f"{said} ({value}{limit})"
