from dataclasses import replace
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import Analysis, ObjectKind
from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.encoders.derived_uids import object_identity, tracking_uid
from tests.builders import build_dx, build_sc
from tests.headers import VIEWER, analysis_of
from tests.phantoms import without_measurements
from tests.reports import (
    PRIOR_REFERENCE,
    SUPERSEDED_REPORT,
    codes_of,
    detailed,
    every_item,
    groups_of,
    name_of,
    report_of,
    texts_of,
    values_of,
)

IMAGER = PixelSpacing(0.2, 0.2, SpacingProvenance.DETECTOR_PLANE)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analysis_of(build_dx())


def test_the_ratio_stands_in_the_group_of_the_heart_s_width(analysis: Analysis) -> None:
    heart, thorax = groups_of(report_of(analysis))
    expected = {m.key: m.value for m in analysis.measurements}

    assert values_of(heart) == pytest.approx(
        {
            "Diameter": expected["cardiac_width"],
            "Cardiothoracic ratio": expected["cardiothoracic_ratio"],
        },
        abs=1e-4,
    )
    assert values_of(thorax) == pytest.approx({"Width": expected["thoracic_width"]}, abs=1e-4)


def test_every_group_is_a_tid_1410_with_a_region_on_the_source(analysis: Analysis) -> None:
    for group in groups_of(report_of(analysis)):
        (region,) = (item for item in every_item(group) if item.ValueType == "SCOORD")
        source = region.ContentSequence[0].ReferencedSOPSequence[0]

        assert group.ContentTemplateSequence[0].TemplateIdentifier == "1410"
        assert region.GraphicType == "POLYLINE"
        assert source.ReferencedSOPInstanceUID == analysis.image.reference.sop_instance_uid
        assert "ReferencedFrameNumber" not in source


def test_lines_are_drawn_where_the_masks_end(analysis: Analysis) -> None:
    heart = analysis.segmentation.mask("heart")
    columns = np.flatnonzero(heart.any(axis=0))
    (region,) = (
        item for item in every_item(groups_of(report_of(analysis))[0]) if "GraphicData" in item
    )

    x = region.GraphicData[0::2]

    # A pixel's outer edges are its column and its column plus one, from the image's edge.
    assert (x[0], x[-1]) == (columns[0], columns[-1] + 1)


def test_the_origin_of_millimetres_is_said_beside_them() -> None:
    header = build_dx()
    heart = groups_of(report_of(analysis_of(header, IMAGER), header))[0]

    assert any("detector plane" in text for text in texts_of(heart))


def test_without_spacing_the_ratio_stays_and_the_widths_say_why() -> None:
    header = build_sc()
    report = report_of(analysis_of(header, NO_SPACING), header)

    (group,) = groups_of(report)
    assert list(values_of(group)) == ["Cardiothoracic ratio"]
    refused = [text for text in texts_of(report) if "not measured" in text]
    assert refused == [
        "Maximal transverse cardiac diameter: not measured, no pixel spacing is known",
        "Maximal internal thoracic diameter: not measured, no pixel spacing is known",
    ]


def test_the_heart_is_tracked_by_one_uid_in_seg_and_sr(analysis: Analysis) -> None:
    with_spacing = groups_of(report_of(analysis))[0]
    header = build_dx()
    without = analysis_of(header, NO_SPACING)
    without = replace(without, image=replace(without.image, reference=analysis.image.reference))

    for group in (with_spacing, groups_of(report_of(without, header))[0]):
        (uid,) = (item.UID for item in every_item(group) if item.ValueType == "UIDREF")
        assert uid == tracking_uid(analysis, "heart")


def test_with_nothing_measured_an_outline_and_the_reasons_remain() -> None:
    header = build_dx()
    analysis = without_measurements(analysis_of(header), "the film is turned")
    report = report_of(analysis, header)
    first = analysis.segmentation.segments[0]
    pixels = analysis.segmentation.masks[0].sum()

    (group,) = groups_of(report)
    assert values_of(group) == {"Area": pytest.approx(pixels * 0.2 * 0.2)}
    assert tracking_uid(analysis, first.key) in {
        item.UID for item in every_item(report) if item.ValueType == "UIDREF"
    }
    assert sum("the film is turned" in text for text in texts_of(report)) == 3


def test_with_nothing_found_the_image_s_border_is_the_region() -> None:
    header = build_dx()
    analysis = without_measurements(analysis_of(header))
    nothing = replace(analysis.segmentation, masks=np.zeros_like(analysis.segmentation.masks))

    report = report_of(replace(analysis, segmentation=nothing), header)

    (group,) = groups_of(report)
    assert values_of(group) == {}
    (region,) = (item for item in every_item(group) if "GraphicData" in item)
    assert max(region.GraphicData) == max(header.Rows, header.Columns) - 0.5


def test_the_report_is_complete_but_nobody_has_verified_it(analysis: Analysis) -> None:
    report = report_of(analysis)

    assert (report.CompletionFlag, report.VerificationFlag) == ("COMPLETE", "UNVERIFIED")
    assert "VerifyingObserverSequence" not in report
    assert any("unverified" in text for text in texts_of(report))


def test_the_observer_is_this_deployment_s_device(analysis: Analysis) -> None:
    uids = {name_of(i): i.UID for i in every_item(report_of(analysis)) if i.ValueType == "UIDREF"}

    assert uids["Device Observer UID"] == VIEWER.device_uid


def test_source_and_segmentation_are_the_evidence(analysis: Analysis) -> None:
    (study,) = report_of(analysis).CurrentRequestedProcedureEvidenceSequence
    evidence = {
        item.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }

    assert evidence == {
        analysis.image.reference.sop_instance_uid,
        object_identity(ObjectKind.SEG, analysis, VIEWER).sop_instance_uid,
    }


def test_the_private_scheme_says_whose_it_is(analysis: Analysis) -> None:
    (scheme,) = report_of(analysis).CodingSchemeIdentificationSequence

    assert scheme.CodingSchemeDesignator == "99THORAX"
    assert scheme.CodingSchemeResponsibleOrganization


def test_every_value_names_the_model(analysis: Analysis) -> None:
    for group in groups_of(report_of(analysis)):
        assert any(analysis.model.name in text for text in texts_of(group))


def test_the_order_of_the_film_is_the_report_s() -> None:
    request = Dataset()
    request.RequestedProcedureID = "RP-1"
    request.RequestedProcedureDescription = "Chest"
    header = build_dx(RequestAttributesSequence=[request], AccessionNumber="A-1")

    (item,) = report_of(analysis_of(header), header).ReferencedRequestSequence

    assert (item.RequestedProcedureID, item.AccessionNumber) == ("RP-1", "A-1")
    assert item.StudyInstanceUID == header.StudyInstanceUID


def test_highdicom_reads_the_values_back(analysis: Analysis) -> None:
    report = hd.sr.ComprehensiveSR.from_dataset(report_of(analysis))
    content: Any = report.content
    groups = content.get_planar_roi_measurement_groups()
    read = [m.value for group in groups for m in group.get_measurements()]

    measured = [round(m.value, 4) for m in analysis.measurements if m.value is not None]
    assert read == measured


def test_a_prior_of_another_study_is_pertinent_other_evidence(analysis: Analysis) -> None:
    report = report_of(detailed(analysis))

    (study,) = report.PertinentOtherEvidenceSequence
    (series,) = study.ReferencedSeriesSequence
    (instance,) = series.ReferencedSOPSequence
    assert study.StudyInstanceUID == PRIOR_REFERENCE.study_instance_uid
    assert instance.ReferencedSOPInstanceUID == PRIOR_REFERENCE.sop_instance_uid


def test_a_prior_of_the_same_study_is_current_evidence(analysis: Analysis) -> None:
    told = detailed(analysis)
    assert told.prior is not None
    same_study = replace(
        told.prior.reference, study_instance_uid=analysis.image.reference.study_instance_uid
    )

    report = report_of(replace(told, prior=replace(told.prior, reference=same_study)))

    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    named = [item.SeriesInstanceUID for item in study.ReferencedSeriesSequence]
    assert PRIOR_REFERENCE.series_instance_uid in named
    assert "PertinentOtherEvidenceSequence" not in report


def test_everything_that_the_report_refers_to_is_its_evidence(analysis: Analysis) -> None:
    """highdicom would check it, but is given the tree afterwards."""
    report = report_of(detailed(analysis))
    referred = {
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in every_item(report)
        if item.ValueType == "IMAGE"
    }

    studies = (
        *report.CurrentRequestedProcedureEvidenceSequence,
        *report.PertinentOtherEvidenceSequence,
    )
    evidence = {
        item.ReferencedSOPInstanceUID
        for study in studies
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    assert len(referred) == 3
    assert referred <= evidence


def test_the_report_that_this_one_replaces_is_its_predecessor(analysis: Analysis) -> None:
    (study,) = report_of(detailed(analysis)).PredecessorDocumentsSequence

    (series,) = study.ReferencedSeriesSequence
    (instance,) = series.ReferencedSOPSequence
    assert study.StudyInstanceUID == analysis.image.reference.study_instance_uid
    assert series.SeriesInstanceUID == SUPERSEDED_REPORT.series_instance_uid
    assert instance.ReferencedSOPInstanceUID == SUPERSEDED_REPORT.sop_instance_uid


def test_without_earlier_results_none_is_named(analysis: Analysis) -> None:
    report = report_of(analysis)

    assert "PertinentOtherEvidenceSequence" not in report
    assert "PredecessorDocumentsSequence" not in report


def test_a_group_says_how_its_values_lie_in_their_ranges_and_what_is_doubtful(
    analysis: Analysis,
) -> None:
    heart, _ = groups_of(report_of(detailed(analysis)))

    found = codes_of(heart)
    assert found["Diameter"] == "Within reference range"
    assert found["Cardiothoracic ratio"] == "Above reference range"
    assert found["Change since the prior image"] == "Increased"
    assert found["Quality check: inspiration"] == "Passed with a warning"
    assert "Quality check: field bases" not in found  # nothing in this group depends on it


def test_highdicom_reads_everything_beside_the_values_too(analysis: Analysis) -> None:
    told = detailed(analysis)
    report = hd.sr.ComprehensiveSR.from_dataset(report_of(told))
    content: Any = report.content

    groups = content.get_planar_roi_measurement_groups()

    read = {m.name.meaning: m.value for group in groups for m in group.get_measurements()}
    assert read == {m.code.meaning: round(m.value or 0, 4) for m in told.measurements}
    answers = {q.value.meaning for group in groups for q in group.get_qualitative_evaluations()}
    assert answers >= {"Above reference range", "Within reference range", "Increased"}
