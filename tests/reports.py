"""An analysis that has all a report can tell, and ways to look into the report made of it."""

from collections.abc import Iterator
from dataclasses import replace

from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage, DigitalXRayImageStorageForPresentation

from service.domain.analysis import Analysis, ObjectKind
from service.domain.identifiers import (
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.domain.image import ViewPosition
from service.domain.measurement import (
    CheckStatus,
    Measurement,
    MeasurementStatus,
    NormalRange,
    QualityCheck,
)
from service.domain.prior import Change, Prior, Relation
from service.domain.superseded import Superseded, SupersededObject
from service.encoders.registry import EncodingOptions, encode
from tests.builders import build_dx
from tests.headers import VIEWER

PRIOR_REFERENCE = InstanceReference(
    StudyInstanceUID("1.2.826.0.1.3680043.8.498.7"),
    SeriesInstanceUID("1.2.826.0.1.3680043.8.498.7.1"),
    SOPInstanceUID("1.2.826.0.1.3680043.8.498.7.1.1"),
    SOPClassUID(DigitalXRayImageStorageForPresentation),
)
SUPERSEDED_REPORT = SupersededObject(
    ComprehensiveSRStorage, "1.2.826.0.1.3680043.8.498.8.1", "1.2.826.0.1.3680043.8.498.8"
)
CHECKS = (
    QualityCheck("view", CheckStatus.PASSED, "PA"),
    QualityCheck("inspiration", CheckStatus.WARNING, 7.0, 9.0, "fewer than 9 ribs are seen"),
    QualityCheck("field_bases", CheckStatus.FAILED, 0.0, 0.03, "a lung base is cut off"),
)


def detailed(analysis: Analysis) -> Analysis:
    """Return the analysis with interval, range, gates, prior and an earlier result.

    A measured value is certain to 5 % either way, was 10 % smaller before, and lies above its
    range when it is a ratio (its limit is half of it), else within. What was not measured
    depends on the check that failed.
    """
    measurements = tuple(_detailed(measurement) for measurement in analysis.measurements)
    return replace(
        analysis,
        measurements=measurements,
        quality=CHECKS,
        prior=Prior(
            PRIOR_REFERENCE,
            "20190131",
            ViewPosition.POSTERO_ANTERIOR,
            "database",
            analysis.model,
            (),
        ),
        changes=tuple(_change(m) for m in measurements if m.value is not None),
        superseded=Superseded(
            analysis.image.reference.study_instance_uid, analysis.model, (SUPERSEDED_REPORT,)
        ),
    )


def _detailed(measurement: Measurement) -> Measurement:
    if measurement.status is MeasurementStatus.NOT_MEASURED or measurement.value is None:
        return replace(measurement, gates=("view", "field_bases"))
    value = measurement.value
    limit = value / 2 if measurement.unit.value == "{ratio}" else 2 * value
    return replace(
        measurement,
        interval=(0.95 * value, 1.05 * value),
        gates=("view", "inspiration"),
        normal=NormalRange(None, limit, "adults, standing", "a paper of 1919"),
        aids=(((1.0, 2.0), (30.0, 2.0)),),
    )


def _change(measurement: Measurement) -> Change:
    now = measurement.value or 0.0
    return Change(measurement.key, 0.9 * now, now, 0.1 * now, 0.05 * now, Relation.LARGER)


def report_of(
    analysis: Analysis, header: Dataset | None = None, options: EncodingOptions = VIEWER
) -> Dataset:
    """Return the report of `analysis`, of a film that says little about itself by default."""
    return encode(ObjectKind.SR, analysis, header or build_dx(), options)


def every_item(node: Dataset) -> Iterator[Dataset]:
    """Yield the content items below `node`, each before those below it."""
    for item in node.get("ContentSequence", []):
        yield item
        yield from every_item(item)


def name_of(item: Dataset) -> str:
    """Return the item's concept name as people read it."""
    return str(item.ConceptNameCodeSequence[0].CodeMeaning)


def groups_of(report: Dataset) -> list[Dataset]:
    """Return the measurement groups."""
    return [item for item in every_item(report) if name_of(item) == "Measurement Group"]


def number_of(item: Dataset) -> float:
    """Return the number of a NUM."""
    return float(item.MeasuredValueSequence[0].NumericValue)


def values_of(group: Dataset) -> dict[str, float]:
    """Return the values that a group holds, without what stands below them."""
    return {
        name_of(item): number_of(item) for item in group.ContentSequence if item.ValueType == "NUM"
    }


def numbers_below(node: Dataset) -> dict[str, float]:
    """Return every number below `node` by its name."""
    return {name_of(i): number_of(i) for i in every_item(node) if i.ValueType == "NUM"}


def texts_of(node: Dataset) -> list[str]:
    """Return every sentence below `node`."""
    return [str(item.TextValue) for item in every_item(node) if item.ValueType == "TEXT"]


def codes_of(node: Dataset) -> dict[str, str]:
    """Return the coded answers directly in `node` by their question."""
    return {
        name_of(item): str(item.ConceptCodeSequence[0].CodeMeaning)
        for item in node.ContentSequence
        if item.ValueType == "CODE"
    }


def value_named(report: Dataset, name: str) -> Dataset:
    """Return the measured value of that name."""
    return next(
        item
        for group in groups_of(report)
        for item in group.ContentSequence
        if item.ValueType == "NUM" and name_of(item) == name
    )
