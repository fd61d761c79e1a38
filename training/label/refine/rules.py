"""The DAP Atlas's rules over a labelled volume, in their order (Jaus et al., ICIP 2024)."""

from collections.abc import Callable

from training.label.derive.derived import Spacing
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import RIB_KEYS
from training.label.labelled import Labels
from training.label.refine.largest import largest_pieces
from training.label.refine.limits import within_limits
from training.label.refine.plane import BodyPlane, body_plane
from training.label.refine.refined import Refined
from training.label.refine.sides import repair_sides, sided_keys
from training.label.refine.skeleton import rename_skeleton

NO_PLANE = "the body's plane was not found: fewer than three vertebrae, or the body is turned"


def refine(organs: Labels, known: frozenset[str], spacing_mm: Spacing) -> Refined:
    """Return the organs (z, y, x) repaired: spine and ribs counted, sides, limits, single pieces.

    `known` are the volume's known keys; reasons are given only for those among them that are not
    to be trusted any more.
    """
    plane = body_plane(organs, spacing_mm)
    if plane is None:
        unsided = dict.fromkeys({*sided_keys(), *VERTEBRAE, *RIB_KEYS} & known, NO_PLANE)
        return Refined(organs, unsided)
    done = Refined(organs)
    for step in _steps(plane, spacing_mm):
        after = step(done.organs)
        unknown = {**done.unknown, **after.unknown}
        done = Refined(after.organs, unknown, (*done.notes, *after.notes))
    mattering = {key: reason for key, reason in done.unknown.items() if key in known}
    return Refined(done.organs, mattering, done.notes)


def _steps(plane: BodyPlane, spacing_mm: Spacing) -> tuple[Callable[[Labels], Refined], ...]:
    return (
        lambda organs: rename_skeleton(organs, plane, spacing_mm),
        lambda organs: repair_sides(organs, plane, spacing_mm),
        lambda organs: within_limits(organs, spacing_mm),
        lambda organs: largest_pieces(organs, spacing_mm),
    )
