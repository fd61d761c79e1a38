"""The 29 anatomical locations of Chest ImaGenome (Wu et al. 2021, PhysioNet), from our masks.

Lungs, heart, clavicles, spine and trachea are the boxes of their masks. Where a model has a zone's
own label it is used; else the zone is a part of the lung field by the rule in the table below:
thirds of its height, its upper sixth for the apex, its lowest and outermost part for the
costophrenic angle. Hila, superior vena cava, right atrium and what follows from them need labels
that only some models have: without these there is no box, and the reason says so.
"""

from dataclasses import dataclass

from service.domain.image import ViewPosition
from service.domain.location import Location
from service.domain.segmentation import Laterality
from service.errors import MissingSegment
from service.locations.boxes import (
    Find,
    above,
    band,
    corner,
    intersection,
    union,
    whole,
)
from service.measurements.registry import Subject

_THIRD = 1 / 3
_APEX = 1 / 6
_ANGLE_ROWS, _ANGLE_COLUMNS = 1 / 5, 2 / 5
_CARINA_FROM = 0.85
LATERAL = "a lateral view: the places are those of a frontal one"


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    find: tuple[Find, ...]
    is_whole: bool = False


def _lung_places(side: Laterality) -> tuple[_Place, ...]:
    field = (f"{side}_lung_field", f"{side}_lung")
    return (
        _Place(f"{side} lung", (union(f"{side}_lung", f"{side}_lung_field"),), is_whole=True),
        _Place(f"{side} upper lung zone", (band(f"{side}_upper_zone_lung", field, 0, _THIRD),)),
        _Place(
            f"{side} mid lung zone", (band(f"{side}_mid_zone_lung", field, _THIRD, 2 * _THIRD),)
        ),
        _Place(f"{side} lower lung zone", (band(f"{side}_lung_base", field, 2 * _THIRD, 1),)),
        _Place(f"{side} hilar structures", (union(f"{side}_hilum", f"{side}_main_bronchus"),)),
        _Place(f"{side} apical zone", (band(f"{side}_apical_zone_lung", field, 0, _APEX),)),
        _Place(f"{side} costophrenic angle", (corner(side, field, _ANGLE_ROWS, _ANGLE_COLUMNS),)),
        _Place(f"{side} hemidiaphragm", (whole(f"{side}_hemidiaphragm"),), is_whole=True),
    )


PLACES: tuple[_Place, ...] = (
    *_lung_places(Laterality.RIGHT),
    *_lung_places(Laterality.LEFT),
    _Place("trachea", (whole("trachea"),), is_whole=True),
    _Place("spine", (whole("spine", "thoracic_spine"),), is_whole=True),
    _Place("right clavicle", (whole("clavicle_right"),), is_whole=True),
    _Place("left clavicle", (whole("clavicle_left"),), is_whole=True),
    _Place("aortic arch", (whole("aortic_arch"),), is_whole=True),
    _Place("mediastinum", (whole("cardiomediastinum"),), is_whole=True),
    _Place("upper mediastinum", (whole("upper_mediastinum"), above("cardiomediastinum", "heart"))),
    _Place("svc", (whole("superior_vena_cava"),), is_whole=True),
    _Place("cardiac silhouette", (whole("heart"),), is_whole=True),
    _Place("cavoatrial junction", (intersection("superior_vena_cava", "heart_atrium_right"),)),
    _Place("right atrium", (whole("heart_atrium_right"),), is_whole=True),
    _Place("carina", (band("tracheal_bifurcation", ("trachea",), _CARINA_FROM, 1),)),
    _Place("abdomen", (union("right_hemidiaphragm", "left_hemidiaphragm"),)),
)


def locate_all(subject: Subject) -> tuple[Location, ...]:
    """Return all 29 in the order of Chest ImaGenome, with a box or the reason for none.

    They are places of a frontal view: on a lateral one both sides lie over each other.
    """
    if subject.view is ViewPosition.LATERAL:
        return tuple(Location(place.name, (), place.is_whole, None, LATERAL) for place in PLACES)
    return tuple(_located(place, subject) for place in PLACES)


def _located(place: _Place, subject: Subject) -> Location:
    reason = None
    for find in place.find:
        try:
            box, segments = find(subject)
        except MissingSegment as error:
            reason = reason or error.text
        else:
            return Location(place.name, segments, place.is_whole, box)
    return Location(place.name, (), place.is_whole, None, reason)
