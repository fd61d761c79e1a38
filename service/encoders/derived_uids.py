"""UIDs that follow from what an object is made of, so that making it again gives it again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from service import __version__
from service.domain.analysis import Analysis, ObjectKind
from service.domain.prior import Prior
from service.domain.superseded import Superseded
from service.encoders.registry import EncodingOptions

_NAMESPACE = UUID("d0c54fd5-f8c2-4c0e-9a08-7f4b8e6c2a11")


def derived_uid(*parts: str) -> str:
    """Return the UID under 2.25 (PS3.5 B.2) of the name-based UUID of `parts`."""
    return f"2.25.{uuid5(_NAMESPACE, chr(31).join(parts)).int}"


IMPLEMENTATION_CLASS_UID = derived_uid("implementation class")
DEFAULT_DEVICE_UID = derived_uid("device observer")


@dataclass(frozen=True, slots=True)
class ObjectIdentity:
    """The UIDs of one result object; each kind is a series of its own, with one instance.

    A viewer shows only the last instance of a SEG or SR series (OHIF), hence no shared series.
    """

    sop_instance_uid: str
    series_instance_uid: str


def object_identity(
    kind: ObjectKind, analysis: Analysis, options: EncodingOptions
) -> ObjectIdentity:
    """Return the UIDs of the object of this kind.

    They follow from the source instance, the model's weights, what ran them, this software's
    version, the options, the spacing (a caller may give another one for a picture), the prior that
    it is compared with and the result that it supersedes: whatever may change the object changes
    them too. The transfer syntax does not; and masks are the same whatever was before.
    """
    parts = (
        str(kind),
        analysis.image.reference.sop_instance_uid,
        analysis.model.sha256,
        str(analysis.runtime),
        __version__,
        str(replace(options, seg_transfer_syntax_uid="", deflate=False)),
        str(analysis.image.spacing),
        *(() if kind is ObjectKind.SEG else _prior(analysis.prior)),
        *_superseded(analysis.superseded),
    )
    return ObjectIdentity(derived_uid("instance", *parts), derived_uid("series", *parts))


def _prior(prior: Prior | None) -> Iterator[str]:
    """Yield what is told of the prior; nothing without one."""
    if prior is not None:
        yield from ("prior", prior.reference.sop_instance_uid, prior.acquired, prior.source)
        for each in prior.measurements:
            yield f"{each.key} {each.value!r} {each.interval!r} {each.qualifier}"


def _superseded(superseded: Superseded | None) -> Iterator[str]:
    """Yield what is told of the superseded result; nothing without one."""
    if superseded is not None:
        yield "superseded"
        yield from (each.sop_instance_uid for each in superseded.objects)


def tracking_uid(analysis: Analysis, key: str) -> str:
    """Return the UID under which `key` of this image is tracked in SEG and SR.

    Of the source instance alone: a later model's heart is still the same heart.
    """
    return derived_uid("tracking", analysis.image.reference.sop_instance_uid, key)


def frame_of_reference_uid(analysis: Analysis) -> str:
    """Return the UID of the image-relative frame of reference; shared with no other image."""
    return derived_uid("frame of reference", analysis.image.reference.sop_instance_uid)


def dimension_organization_uid(segmentation_type: str) -> str:
    """Return the UID of the way in which frames are organised: by segment, or one frame in all."""
    by = "label map" if segmentation_type == "LABELMAP" else "segment number"
    return derived_uid("dimension organization", by)


def layer_identity(identity: ObjectIdentity, number: int) -> ObjectIdentity:
    """Return the UIDs of the n-th instance of a series; the first has the series' own."""
    if number == 1:
        return identity
    return replace(
        identity, sop_instance_uid=derived_uid("layer", identity.sop_instance_uid, str(number))
    )
