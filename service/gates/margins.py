"""How far the lungs stay away from the edges of the picture, for the gates of the field."""

from collections.abc import Iterator

from service.gates.evidence import Evidence
from service.measurements.shape import Shape

_KEYS = (("right_lung_field", "right_lung"), ("left_lung_field", "left_lung"))


def lungs(evidence: Evidence) -> tuple[Shape, ...]:
    """Return both lungs as far as they were found; () where masks mean nothing.

    Largest components: a speck at the edge is no lung.
    """
    if evidence.is_misread or evidence.is_lateral:
        return ()
    return tuple(_found(evidence))


def _found(evidence: Evidence) -> Iterator[Shape]:
    for keys in _KEYS:
        if any(evidence.subject.segmentation.has(key) for key in keys):
            yield evidence.subject.first_shape(*keys)
