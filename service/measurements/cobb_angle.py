"""Cobb angles: how far the plates at both ends of a curve of the spine are turned to each other."""

from service.domain.measurement import Line, NormalRange
from service.measurements import codes
from service.measurements.curves import FEWEST_VERTEBRAE, Curve, curves
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.seen_spine import SeenSpine, seen_spine
from service.measurements.sides import towards_left
from service.measurements.spine_line import SpineLine
from service.measurements.vertebral_column import SEGMENTS

SMALLEST_FURTHER = 10.0
"""Degrees from which a curve beside the largest one is said: less is no scoliosis."""
PARTS = (None, "second", "third")
HALF_PLATE = 0.75
"""Half the length of a drawn plate, in steps between vertebrae."""


def take(subject: Subject) -> tuple[Taken, ...]:
    """Return the largest curve, and up to two more of at least ten degrees."""
    spine = subject.once(seen_spine)
    found = curves(spine.line.tilts.tolist(), FEWEST_VERTEBRAE)
    largest = found[0] if found else _whole(spine.line)
    further = [curve for curve in found[1:] if curve.size >= SMALLEST_FURTHER]
    shown = (largest, *further)[: len(PARTS)]
    return tuple(
        _taken(subject, spine, curve, part) for curve, part in zip(shown, PARTS, strict=False)
    )


def _whole(line: SpineLine) -> Curve:
    """Return the spine from end to end: where no curve is long enough, it is straight."""
    last = len(line.tilts) - 1
    return Curve(0, last, float(line.tilts[last] - line.tilts[0]))


def _taken(subject: Subject, spine: SeenSpine, curve: Curve, part: str | None) -> Taken:
    side = "left" if curve.angle * towards_left(subject) > 0 else "right"
    members = spine.column[curve.first : curve.last]
    ends = f"{members[0].name} to {members[-1].name}, " if members else ""
    end_vertebrae = "" if members else "; from the spine's centre line, without end vertebrae"
    return Taken(
        curve.size,
        _plates(spine.line, curve),
        qualifier=f"{ends}convex to the patient's {side}{end_vertebrae}",
        aids=(spine.line.line(),),
        part=part,
        name=None if part is None else f"Cobb angle, {part} curve",
        segments=spine.segments,
    )


def _plates(line: SpineLine, curve: Curve) -> Line:
    """Return both plates, joined on the hollow side of the curve."""
    upper, lower = (line.plate(place, HALF_PLATE) for place in (curve.first, curve.last))
    if curve.angle > 0:
        return (upper[1], upper[0], lower[0], lower[1])
    return (*upper, *lower[::-1])


DEFINITION = define(
    Definition(
        key="cobb_angle",
        name="Cobb angle, largest curve",
        code=codes.COBB_ANGLE,
        unit=codes.DEGREE,
        finding_site=codes.SPINE,
        segments=(*SEGMENTS, "spine"),
        take=take,
        definition="Angle between the upper plate of the most tilted vertebra above and the lower "
        "plate of the most tilted one below, over a curve of at least three vertebrae.",
        formula="difference of consecutive extremes of the plates' tilt; the tilt is the mean of "
        "the line through the vertebrae's centres and, from T8 down, of the upper border of each "
        "silhouette, both smoothed. Without vertebrae: the tilt of the spine's centre line.",
        source="Cobb, Instr Course Lect 1948;5:261; curves as in Vrtovec et al., Eur Spine J "
        "2009;18:593",
        normal=(
            NormalRange(
                None,
                10.0,
                "all ages, standing; a scoliosis begins above",
                "Kane, Clin Orthop Relat Res 1977;126:43",
            ),
        ),
    )
)
