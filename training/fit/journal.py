"""Curves and example pictures of a run: TensorBoard to look at, CSV to keep."""

import csv
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.tensorboard.writer import SummaryWriter

from service.anatomy.structures import structures_by_key
from training.fit.augment import Augmented
from training.fit.warp import FULL

EXAMPLES, HALF = 4, 0.5
STRENGTH = 0.45
"""How much of a mask's colour covers the picture."""


class Journal:
    """Writes `curve.csv`, `validation.csv` and `tensorboard/` in the folder of a phase.

    `step` is where the run goes on: later points of an earlier, killed run are not shown.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._folder = folder
        self._writer = SummaryWriter(folder / "tensorboard", purge_step=step + 1)

    def point(self, step: int, values: Mapping[str, float]) -> None:
        """Loss, learning rate, ...: one row and one point of each curve."""
        self._row("curve.csv", {"time": round(time.time()), "step": step, **values})
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def validation(self, step: int, criterion: float, found: Mapping[str, float]) -> None:
        """The criterion as a row; it and the IoU of each channel as points."""
        self._row("validation.csv", {"step": step, "criterion": criterion})
        self._writer.add_scalar("validation", criterion, step)
        for key, value in found.items():
            self._writer.add_scalar(f"iou/{key}", value, step)

    def example(self, step: int, number: int, picture: npt.NDArray[np.uint8]) -> None:
        """One example picture, uint8 (rows, columns, 3)."""
        self._writer.add_image(f"example/{number}", picture, step, dataformats="HWC")

    def close(self) -> None:
        """Write what is waiting."""
        self._writer.close()

    def _row(self, name: str, values: Mapping[str, float]) -> None:
        path = self._folder / name
        begun = path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(values))
            if not begun:
                writer.writeheader()
            writer.writerow({key: _short(value) for key, value in values.items()})


def _short(value: float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def side_by_side(
    picture: Augmented, probabilities: torch.Tensor, keys: tuple[str, ...]
) -> npt.NDArray[np.uint8]:
    """The picture, what is known, what was found: uint8 (rows, 3 * columns, 3) at half size.

    probabilities: (channels, rows, columns) at half resolution.
    """
    grey = picture.strong[0, ::2, ::2].numpy()
    truth = (picture.counts.permute(2, 0, 1) >= FULL / 2) & picture.known[:, None, None]
    panes = [np.repeat(grey[..., None], 3, -1)]
    panes += [_coloured(grey, masks.numpy(), keys) for masks in (truth, probabilities > HALF)]
    return np.asarray((np.concatenate(panes, 1) * 255).round(), dtype=np.uint8)


def _coloured(
    grey: npt.NDArray[np.float32], masks: npt.NDArray[np.bool_], keys: tuple[str, ...]
) -> npt.NDArray[np.float32]:
    made = np.repeat(grey[..., None], 3, -1)
    for mask, key in zip(masks, keys, strict=True):
        colour = np.array(structures_by_key()[key].colour_rgb, np.float32) / 255
        made[mask] = made[mask] * (1 - STRENGTH) + colour * STRENGTH
    return made
