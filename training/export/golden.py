"""The golden input of a package, and whether ONNX gives what torch gives."""

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import nn

from training.export.graph import INPUT, MULTIPLE, OUTPUT

PARITY = 1e-3  # in probability; borders lie at 0.5, where a thousandth moves nothing
BORDER = 0.5

Planes = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Golden:
    """Inputs, float32 (batch, 1, h, w), and what torch gives for each; the first is stored.

    Torch computes in double precision: its own single precision strays further on flat pictures
    than ONNX Runtime does.
    """

    given: tuple[Planes, ...]
    expected: tuple[Planes, ...]


def golden_of(network: nn.Module, size: int) -> Golden:
    """A drawn chest as the service shows it, and a batch of two noisy ones of another shape."""
    chest: Planes = (synthetic_chest(size) / 255).astype(np.float32)
    random = np.random.default_rng(0)
    wide = np.pad(chest, ((0, MULTIPLE), (0, 2 * MULTIPLE)), mode="edge")
    noisy = wide + random.normal(0, 0.05, (2, 1, *wide.shape))
    two: Planes = np.clip(noisy, 0, 1).astype(np.float32)
    given: tuple[Planes, ...] = (np.asarray(chest[None, None]), two)
    exact = copy.deepcopy(network).double().eval()
    with torch.no_grad():
        expected = [exact(torch.from_numpy(each).double()).float().numpy() for each in given]
    return Golden(given, tuple(expected))


def write_golden(golden: Golden, folder: Path) -> None:
    """Write `golden/input.npy`, uint8, and `golden/expected.npz` of the first input."""
    (folder / "golden").mkdir(exist_ok=True)
    image, probabilities = golden.given[0][0, 0], golden.expected[0][0]
    np.save(folder / "golden" / "input.npy", np.round(image * 255).astype(np.uint8))
    np.savez_compressed(
        folder / "golden" / "expected.npz",
        masks=np.packbits(probabilities >= BORDER, axis=-1),
        mean_probability=probabilities.mean((1, 2)),
    )


def difference(weights: Path, golden: Golden) -> float:
    """Largest difference in probability between a file in ONNX Runtime and torch."""
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    pairs = zip(golden.given, golden.expected, strict=True)
    return max(
        float(np.abs(session.run([OUTPUT], {INPUT: given})[0] - expected).max())
        for given, expected in pairs
    )


def check_parity(weights: Path, golden: Golden) -> float:
    """The difference from torch on the golden inputs; ValueError when it is above PARITY."""
    found = difference(weights, golden)
    if found > PARITY:
        raise ValueError(f"ONNX differs from torch by {found:.2e}, more than {PARITY:.0e}")
    return found


def synthetic_chest(size: int) -> npt.NDArray[np.uint8]:
    """A drawn chest, uint8 (size, size), bright = dense: two dark lungs, heart, spine, abdomen."""
    rows, columns = np.mgrid[0:size, 0:size] / size
    image = np.full((size, size), 0.75)
    for centre in (0.3, 0.7):
        image[((columns - centre) / 0.14) ** 2 + ((rows - 0.45) / 0.3) ** 2 < 1] = 0.2
    image[((columns - 0.55) / 0.16) ** 2 + ((rows - 0.62) / 0.13) ** 2 < 1] = 0.7
    image[:, round(0.46 * size) : round(0.54 * size)] = 0.85
    image[round(0.76 * size) :] = 0.9
    return np.asarray(np.round(image * 255), dtype=np.uint8)
