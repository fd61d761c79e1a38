"""Which way the patient's left is on the film."""

from service.errors import NotMeasurable
from service.measurements.registry import Subject

_FIELDS = ("right_lung_field", "left_lung_field")


def towards_left(subject: Subject) -> int:
    """Return 1 when the patient's left is at high columns, -1 when at low ones.

    What header and masks agree upon counts; where nothing is said, the lung fields do. Raises
    MissingSegment, NotMeasurable.
    """
    stated = subject.patient_left_is_on_image_right
    if stated is not None:
        return 1 if stated else -1
    right, left = (subject.shape(key).centre[1] for key in _FIELDS)
    if right == left:
        raise NotMeasurable("the patient's left and right cannot be told apart")
    return 1 if left > right else -1
