"""Inspiration level: how many posterior right ribs stand above the right hemidiaphragm."""

from collections.abc import Iterator

import numpy as np

from service.domain.gate import Gate
from service.domain.measurement import NormalRange
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.extents import horizontal_extent
from service.measurements.lung_fields import RIGHT, whole_field
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.shape import Shape

RIBS = (*(f"posterior_rib_{number}_right" for number in range(1, 12)), "rib_12_right")
DOME = "right_hemidiaphragm"
FIRST_IN_ORDER = 3
"""From this rib on, ribs cross the middle of the lung one below the other; above they overlap."""
TICK = 0.15
"""Half the length of a drawn rib, in widths of the lung."""


def take(subject: Subject) -> Taken:
    """Return the number of the lowest posterior rib whose middle lies above the dome."""
    lung = horizontal_extent(whole_field(subject, RIGHT))
    column = (lung.low_column + lung.high_column) / 2
    dome = _upper_edge(subject.shape(DOME), column)
    ribs = dict(_ribs(subject, column))
    if not ribs:
        raise NotMeasurable("posterior right ribs were not found")
    above = {number: row for number, row in ribs.items() if row < dome}
    _check_order(ribs, above)
    ticks = tuple(
        ((row, column - TICK * lung.width), (row, column + TICK * lung.width))
        for row in above.values()
    )
    return Taken(
        float(max(above)),
        ((min(above.values()), column), (dome, column)),
        aids=ticks,
        segments=(*(RIBS[number - 1] for number in above), DOME, RIGHT.segment),
    )


def _ribs(subject: Subject, column: float) -> Iterator[tuple[int, float]]:
    """Yield number and row of each posterior rib that the mid-lung line crosses."""
    for number, key in enumerate(RIBS, start=1):
        if subject.segmentation.has(key):
            rib = subject.shape(key)
            place = round(column) - rib.left
            if 0 <= place < rib.mask.shape[1] and rib.mask[:, place].any():
                yield number, rib.top + float(np.flatnonzero(rib.mask[:, place]).mean())


def _check_order(ribs: dict[int, float], above: dict[int, float]) -> None:
    """Raise NotMeasurable where ribs are missing, out of order or all below the diaphragm."""
    if not above:
        raise NotMeasurable("no posterior right rib was found above the diaphragm")
    rows = [row for number, row in ribs.items() if number >= FIRST_IN_ORDER]
    if rows != sorted(rows):
        raise NotMeasurable("the right ribs do not follow each other; one may be labelled wrongly")
    numbers = range(min(above), max(above) + 1)
    missing = [str(number) for number in numbers if number not in above]
    if missing:
        raise NotMeasurable(f"the posterior right rib {missing[0]} was not found")


def _upper_edge(region: Shape, column: float) -> float:
    """Return the upper pixel edge of the hemidiaphragm's region; raises NotMeasurable."""
    place = round(column) - region.left
    if not 0 <= place < region.mask.shape[1]:
        raise NotMeasurable("the right hemidiaphragm is not seen below the middle of the lung")
    return region.top + int(region.mask[:, place].argmax()) - 0.5


DEFINITION = define(
    Definition(
        key="inspiration_level",
        name="Posterior right ribs above the diaphragm",
        code=codes.INSPIRATION_LEVEL,
        unit=codes.RIBS_COUNTED,
        finding_site=codes.RIB,
        segments=(*RIBS, DOME, RIGHT.segment),
        take=take,
        definition="Number of the lowest right rib whose posterior part, where it crosses the "
        "middle of the right lung, lies above the right hemidiaphragm.",
        formula="highest rib number whose mean row at the middle column of the right lung field "
        "is less than that of the hemidiaphragm's upper border",
        source="Lee et al., CheXStruct, arXiv 2505.18087 (2025), there at 40 % of the lung's width",
        normal=(
            NormalRange(
                9.0,
                None,
                "adults, standing, full inspiration",
                "Lee et al., CheXStruct, arXiv 2505.18087 (2025)",
            ),
        ),
        gates=(Gate.FIELD_BASES, Gate.FIELD_APICES),
    )
)
