from dataclasses import replace

from service.domain.superseded import SupersededObject
from service.encoders.sr_evidence import evidence, predecessors
from service.encoders.sr_segmentation import referenced_segmentation
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.reports import PRIOR_REFERENCE, SUPERSEDED_REPORT, detailed


def test_source_segmentation_and_prior_are_what_it_rests_on() -> None:
    header = build_dx()
    analysis = detailed(analysis_of(header))
    segmentation = referenced_segmentation(analysis, VIEWER)

    named = [item.SOPInstanceUID for item in evidence(analysis, header, segmentation)]

    source = analysis.image.reference.sop_instance_uid
    assert named == [source, *segmentation.instances, PRIOR_REFERENCE.sop_instance_uid]


def test_only_a_report_is_the_predecessor_of_a_report() -> None:
    analysis = detailed(analysis_of(build_dx()))
    assert analysis.superseded is not None
    picture = SupersededObject("1.2.840.10008.5.1.4.1.1.7", "1.2.3", "1.2")
    both = replace(analysis.superseded, objects=(picture, SUPERSEDED_REPORT))
    alone = replace(analysis.superseded, objects=(picture,))

    (found,) = predecessors(replace(analysis, superseded=both)) or []

    assert found.SOPInstanceUID == SUPERSEDED_REPORT.sop_instance_uid
    assert predecessors(replace(analysis, superseded=alone)) is None
