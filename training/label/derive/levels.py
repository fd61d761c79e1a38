"""Heights in a chest that anatomy counts by: lower plates of vertebrae, and the spine's course."""

import numpy as np
import numpy.typing as npt

from training.channels import number_of
from training.label.derive.derived import mask_of
from training.label.labelled import Labels

VERTEBRAE = (
    *(f"vertebra_c{n}" for n in range(1, 8)),
    *(f"vertebra_t{n}" for n in range(1, 13)),
    *(f"vertebra_l{n}" for n in range(1, 6)),
)
"""All vertebrae, the topmost first."""
BODY_SHARE = 0.4  # a vertebra's front part, which holds its body and no process
PLATE_QUANTILE = 0.03


def lower_plate(organs: Labels, vertebra: str) -> float | None:
    """Return the slice (index along z) of a vertebra's lower end plate; None where it is not.

    Only the body counts: the spinous process hangs lower than the plate.
    """
    found = mask_of(organs, vertebra)
    slices, rows, _ = np.nonzero(found)
    if not len(slices):
        return None
    front, back = np.quantile(rows, (0.01, 0.99))
    body = rows <= front + BODY_SHARE * (back - front)
    return float(np.quantile(slices[body], PLATE_QUANTILE))


def spine_course(organs: Labels) -> npt.NDArray[np.float64] | None:
    """Return, per slice, the front row and the middle column of the spine, (z, 2), in voxels.

    Between and beyond vertebrae it is interpolated; None where there are fewer than two of them.
    """
    numbers = [number_of(key) for key in VERTEBRAE]
    present = [n for n in numbers if (organs == n).any()]
    centres = np.array([_front_and_middle(organs == n) for n in present])
    if len(centres) < 2:  # noqa: PLR2004 - no line through one point
        return None
    centres = centres[np.argsort(centres[:, 0])]
    z = np.arange(len(organs))
    return np.stack([np.interp(z, centres[:, 0], centres[:, axis]) for axis in (1, 2)], -1)


def _front_and_middle(vertebra: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    z, y, x = np.nonzero(vertebra)
    return float(z.mean()), float(np.quantile(y, 0.02)), float(np.median(x))
