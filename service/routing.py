"""From each destination's settings to what it wants and to the families that must be made for it.

A family is one way of encoding (`EncodingOptions`): its objects belong together, since an SR names
the very SEG that goes with it. What several destinations want alike is made once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from service.domain.analysis import ObjectKind
from service.domain.delivering import DEFAULT_FAMILY, Profile
from service.settings import Destination, SegProfileName, Settings


@dataclass(frozen=True, slots=True)
class Form:
    """What a destination's settings say about encoding; a label map is never deflated."""

    seg_profile: SegProfileName
    segments: tuple[str, ...]
    compress: bool = False
    labelmap: bool = False

    def family(self, default: "Form") -> str:
        """Return the family's name, a folder's: what differs from the deployment's own form."""
        parts = []
        if self.seg_profile != default.seg_profile:
            parts.append(str(self.seg_profile))
        if self.segments != default.segments:
            parts.append(_short_name(self.segments))
        if self.labelmap:
            parts.append("labelmap")
        elif self.compress:
            parts.append("deflated")
        return "-".join(parts) or DEFAULT_FAMILY


@dataclass(frozen=True, slots=True)
class Need:
    """One family that has to be made, and of which kinds."""

    family: str
    form: Form
    kinds: tuple[ObjectKind, ...]


def profile_of(destination: Destination, settings: Settings) -> Profile:
    """Return what the destination wants, objects in the order in which they are sent."""
    default = default_form(settings)
    return Profile(
        objects=tuple(kind for kind in ObjectKind if kind in destination.objects),
        families=tuple(form.family(default) for form in forms_of(destination, settings)),
        instead=dict(destination.instead),
    )


def needs_of(settings: Settings) -> tuple[Need, ...]:
    """Return the families that the destinations need beside what is always made, in name order.

    The default family is among them, named DEFAULT_FAMILY, when a destination wants of it more
    kinds than are made anyway; a family's kinds are in the order of ObjectKind.
    """
    default, needs = default_form(settings), dict[str, Need]()
    for destination in settings.destinations:
        for form in forms_of(destination, settings):
            name = form.family(default)
            before = needs[name].kinds if name in needs else ()
            needs[name] = Need(name, form, _in_order((*before, *_kinds(destination))))
    return tuple(needs[name] for name in sorted(needs))


def default_form(settings: Settings) -> Form:
    """Return the form of what is made without any destination."""
    return Form(settings.seg_profile, settings.segments)


def forms_of(destination: Destination, settings: Settings) -> tuple[Form, ...]:
    """Return the forms that may go to the destination, best first."""
    plain = Form(
        destination.seg_profile or settings.seg_profile,
        destination.segments or settings.segments,
        destination.compress,
    )
    if not destination.labelmap or ObjectKind.SEG not in destination.objects:
        return (plain,)
    return replace(plain, labelmap=True, compress=False), plain


def _short_name(segments: tuple[str, ...]) -> str:
    """Return the name of a profile; of a list of one's own a hash, whatever its order."""
    if len(segments) == 1:
        return segments[0]
    return "own-" + sha256(",".join(sorted(set(segments))).encode()).hexdigest()[:12]


def _kinds(destination: Destination) -> Iterable[ObjectKind]:
    for kind in destination.objects:
        yield kind
        yield from destination.instead.get(kind, ())


def _in_order(kinds: Iterable[ObjectKind]) -> tuple[ObjectKind, ...]:
    wanted = set(kinds)
    return tuple(kind for kind in ObjectKind if kind in wanted)
