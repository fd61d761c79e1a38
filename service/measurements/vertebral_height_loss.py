"""Loss of vertebral height against the neighbours, with the grade that Genant gives it."""

from itertools import pairwise

from service.domain.measurement import NormalRange
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.registry import LATERAL, Definition, Subject, Taken, define
from service.measurements.vertebral_column import LEVELS, SEGMENTS
from service.measurements.vertebral_thirds import BodyHeights, body_heights

GRADES = (
    (20.0, "Genant grade 0 (normal)"),
    (25.0, "Genant grade 1 (mild)"),
    (40.0, "Genant grade 2 (moderate)"),
)
SEVERE = "Genant grade 3 (severe)"


def take(subject: Subject) -> tuple[Taken, ...]:
    """Return percent of height lost by each vertebra whose two neighbours are seen as well."""
    bodies = subject.once(body_heights)
    triples = zip(bodies, bodies[1:], bodies[2:], strict=False)
    found = tuple(_taken(*triple) for triple in triples if _are_neighbours(*triple))
    if not found:
        raise NotMeasurable("no three neighbouring vertebral bodies stand out")
    return found


def _are_neighbours(*bodies: BodyHeights) -> bool:
    places = [LEVELS.index(body.vertebra.level) for body in bodies]
    return all(after - before == 1 for before, after in pairwise(places))


def _taken(above: BodyHeights, body: BodyHeights, below: BodyHeights) -> Taken:
    """Return the largest loss of the three thirds; a body taller than expected lost nothing."""
    losses = [
        100 * (1 - third.height / ((upper.height + lower.height) / 2))
        for upper, third, lower in zip(above.thirds, body.thirds, below.thirds, strict=True)
    ]
    loss = max(0.0, *losses)
    third = body.thirds[losses.index(max(losses))]
    vertebra = body.vertebra
    return Taken(
        loss,
        third.line,
        qualifier=f"{grade(loss)}, {third.name} third",
        aids=(
            above.thirds[body.thirds.index(third)].line,
            below.thirds[body.thirds.index(third)].line,
        ),
        part=vertebra.level,
        name=f"Height loss of {vertebra.name}",
        finding_site=vertebra.site,
        segments=(above.vertebra.key, vertebra.key, below.vertebra.key),
    )


def grade(loss: float) -> str:
    """Return Genant's grade of a loss in percent."""
    return next((name for limit, name in GRADES if loss < limit), SEVERE)


DEFINITION = define(
    Definition(
        key="vertebral_height_loss",
        name="Vertebral height loss",
        code=codes.HEIGHT_LOSS,
        unit=codes.PERCENT,
        finding_site=codes.SPINE,
        segments=SEGMENTS,
        take=take,
        definition="By how much the anterior, middle or posterior third of a vertebral body is "
        "lower than the mean of the same third of its two neighbours; the largest of the three, "
        "with Genant's grade. Where neighbours are broken too, it is too small.",
        formula="100 x (1 - height / mean height of the neighbours), the largest of three thirds",
        source="Genant et al., J Bone Miner Res 1993;8:1137",
        normal=(
            NormalRange(
                None,
                20.0,
                "adults, T4 to L4",
                "Genant et al., J Bone Miner Res 1993;8:1137",
            ),
        ),
        views=LATERAL,
    )
)
