from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import Analysis, ObjectKind
from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.encoders.derived_uids import object_identity, tracking_uid
from service.encoders.dicom_sr import graphic_data
from service.encoders.registry import encode
from tests.builders import build_dx, build_sc
from tests.headers import VIEWER, analysis_of
from tests.phantoms import without_measurements

IMAGER = PixelSpacing(0.2, 0.2, SpacingProvenance.DETECTOR_PLANE)


def report_of(analysis: Analysis, header: Dataset | None = None) -> Dataset:
    return encode(ObjectKind.SR, analysis, header or build_dx(), VIEWER)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analysis_of(build_dx())


def every_item(node: Dataset) -> Iterator[Dataset]:
    for item in node.get("ContentSequence", []):
        yield item
        yield from every_item(item)


def name_of(item: Dataset) -> str:
    return str(item.ConceptNameCodeSequence[0].CodeMeaning)


def groups_of(report: Dataset) -> list[Dataset]:
    return [item for item in every_item(report) if name_of(item) == "Measurement Group"]


def values_of(node: Dataset) -> dict[str, float]:
    return {
        name_of(item): float(item.MeasuredValueSequence[0].NumericValue)
        for item in every_item(node)
        if item.ValueType == "NUM" and "Pixel Data" not in name_of(item)
    }


def texts_of(node: Dataset) -> list[str]:
    return [str(i.TextValue) for i in every_item(node) if i.ValueType == "TEXT"]


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


def test_a_pixel_centre_lies_half_a_pixel_from_the_image_s_corner() -> None:
    assert graphic_data(((0.0, 0.0), (9.0, 4.0)), 10, 5).tolist() == [[0.5, 0.5], [4.5, 9.5]]


def test_no_point_leaves_the_image() -> None:
    assert graphic_data(((-3.0, 99.0),), 10, 5).tolist() == [[5.0, 0.0]]


def test_the_origin_of_millimetres_is_said_beside_them() -> None:
    header = build_dx()
    heart = groups_of(report_of(analysis_of(header, IMAGER), header))[0]

    assert any("detector plane" in text for text in texts_of(heart))


def test_without_spacing_the_ratio_stays_and_the_widths_say_why() -> None:
    header = build_sc()
    report = report_of(analysis_of(header, NO_SPACING), header)

    assert list(values_of(report)) == ["Cardiothoracic ratio"]
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

    assert values_of(report) == {"Area": pytest.approx(pixels * 0.2 * 0.2)}
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


def test_failed_checks_are_told(analysis: Analysis) -> None:
    texts = texts_of(report_of(analysis))

    assert "Quality check rotation: warning (0.25)" in texts
    assert not any("Quality check view" in text for text in texts)


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
