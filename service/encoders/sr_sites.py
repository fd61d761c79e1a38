"""Where in the body a group of measurements was taken, with its side."""

import highdicom as hd
from pydicom.sr.codedict import codes

from service.domain.measurement import Measurement
from service.domain.segmentation import Laterality, Segmentation
from service.encoders.coding import dicom_code
from service.encoders.sr_groups import DrawnGroup

_SIDES = {Laterality.RIGHT: codes.SCT.Right, Laterality.LEFT: codes.SCT.Left}


def finding_sites(group: DrawnGroup, segmentation: Segmentation) -> list[hd.sr.FindingSite]:
    """Return each site of the group once, in the order of its measurements."""
    sites = dict.fromkeys(
        (dicom_code(each.finding_site), side(each, segmentation)) for each in group.measurements
    )
    return [
        hd.sr.FindingSite(site, laterality=_SIDES[laterality] if laterality else None)
        for site, laterality in sites
    ]


def side(measurement: Measurement, segmentation: Segmentation) -> Laterality | None:
    """Return the side of the measurement's site; None where there is none to tell.

    A site is on a side when it is what a segment of that side shows (a scapula) and the value was
    taken from this side alone. A site whose own code has the side (the left lung) needs no more.
    """
    site = measurement.finding_site
    used = [each for each in segmentation.segments if each.key in measurement.segments]
    if (site.value, site.scheme) not in {(each.type.value, each.type.scheme) for each in used}:
        return None
    sides = {each.laterality for each in used}
    return sides.pop() if len(sides) == 1 else None
