"""What is put into the outbox for a destination, and what of it still fits what was sent."""

from collections.abc import Iterable, Sequence

from service.domain.analysis import EncodedObject, ObjectKind
from service.domain.delivering import Profile
from service.domain.job import Delivery


def first_of_each(profile: Profile, objects: Sequence[EncodedObject]) -> tuple[EncodedObject, ...]:
    """Return for each wanted kind the object of the best family that has one; none has none."""
    found = (_first(kind, profile.families, objects) for kind in profile.objects)
    return tuple(each for each in found if each is not None)


def families_left(
    delivery: Delivery, siblings: Iterable[Delivery], profile: Profile
) -> tuple[str, ...]:
    """Return the families that may still be sent, best first.

    Once the destination has the SEG of one family, the other objects are of that family too.
    """
    settled = (
        each.sent.family
        for each in siblings
        if each.destination == delivery.destination
        and each.id != delivery.id
        and each.sent is not None
        and each.sent.kind is ObjectKind.SEG
    )
    family = next(settled, None)
    return profile.families if family is None else (family,)


def _first(
    kind: ObjectKind, families: Iterable[str], objects: Sequence[EncodedObject]
) -> EncodedObject | None:
    of_kind = {each.family: each for each in reversed(objects) if each.kind is kind}
    return next((of_kind[name] for name in families if name in of_kind), None)
