"""Vertebral heights: of each body in front, in the middle and behind, on a lateral film."""

from service.measurements import codes
from service.measurements.extents import millimetres
from service.measurements.registry import LATERAL, Definition, Subject, Taken, define
from service.measurements.vertebral_column import SEGMENTS
from service.measurements.vertebral_thirds import BodyHeights, Third, body_heights


def take(subject: Subject) -> tuple[Taken, ...]:
    """Return millimetres of every third, in the plane that the spacing's provenance states."""
    bodies = subject.once(body_heights)
    return tuple(_taken(subject, body, third) for body in bodies for third in body.thirds)


def _taken(subject: Subject, body: BodyHeights, third: Third) -> Taken:
    vertebra = body.vertebra
    return Taken(
        millimetres(third.height, subject.spacing),
        third.line,
        qualifier=subject.spacing.provenance.value,
        part=f"{vertebra.level}_{third.name}",
        name=f"Height of {vertebra.name}, {third.name} third",
        finding_site=vertebra.site,
        segments=(vertebra.key,),
    )


DEFINITION = define(
    Definition(
        key="vertebral_height",
        name="Vertebral height",
        code=codes.HEIGHT,
        unit=codes.MILLIMETRE,
        finding_site=codes.SPINE,
        segments=SEGMENTS,
        take=take,
        definition="Height of a vertebral body in its anterior, middle and posterior third, along "
        "the body's own axis. The arch and its processes do not belong to it.",
        formula="mean distance of the lower from the upper border over a third of the body's "
        "depth, its rounded ends left out, x column spacing",
        source="Genant et al., J Bone Miner Res 1993;8:1137, for the three heights",
        views=LATERAL,
    )
)
