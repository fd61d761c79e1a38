"""`export`: a checkpoint to a model package that the service reads, checked against torch.

The only bridge from training to service: manifest and labels go through the service's own schema.
"""

import copy
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import yaml
from torch import nn

from service.inference.manifest import LabelEntry, ModelManifest, read_package, sha256_of
from service.inference.session import Segmenter
from training.channels import UNIONS
from training.fit.augment import INTENSITY
from training.fit.loop import checkpoint_keys, load_teacher
from training.onnx_file import forget_origin
from training.stage import code_version
from training.vocabulary import labels, with_unions

OPSET = 18
PARITY = 1e-3  # in probability; borders lie at 0.5, where a thousandth moves nothing
WEIGHTS = "weights.onnx"
BORDER = 0.5


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """What the manifest states and the weights do not."""

    name: str
    version: str
    size: int
    gates: Mapping[str, float]
    trained_on: tuple[Mapping[str, Any], ...]
    metrics: Mapping[str, Any]
    thresholds: Mapping[str, float]


class Probabilities(nn.Module):
    """A network with sigmoid and unions inside, as exported."""

    def __init__(self, network: nn.Module, keys: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.unions = [
            [keys.index(part) for part in union.parts]
            for union in UNIONS
            if union.key in with_unions(keys)
        ]

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(batch, 1, size, size) to probabilities (batch, channels, size, size)."""
        taught = torch.sigmoid(self.network(image))
        unions = [taught[:, parts].amax(1, keepdim=True) for parts in self.unions]
        return torch.cat([taught, *unions], 1)


def export_package(checkpoint: Path, folder: Path, facts: PackageFacts) -> Path:
    """Write the package folder; raises ValueError when ONNX and torch disagree."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = checkpoint_keys(checkpoint)
    network = Probabilities(load_teacher(checkpoint), keys).eval()
    write_onnx(network, folder / WEIGHTS, facts.size)
    entries = labels(keys, dict(facts.thresholds))
    _write_yaml(folder / "labels.yaml", [_plain(entry) for entry in entries])
    golden = write_golden(network, folder, facts.size)
    manifest = _manifest(folder, facts, len(entries))
    _write_yaml(folder / "manifest.yaml", manifest.model_dump(mode="json", by_alias=True))
    check_parity(folder, golden)
    return folder


def write_onnx(network: nn.Module, path: Path, size: int) -> None:
    """Export with a dynamic batch; tensors are named `image` and `probabilities`."""
    example = torch.zeros(2, 1, size, size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter calls its own deprecated parts
        _export(network, example, path)
    forget_origin(path)


def _export(network: nn.Module, example: torch.Tensor, path: Path) -> None:
    torch.onnx.export(
        network,
        (example,),
        path,
        input_names=["image"],
        output_names=["probabilities"],
        dynamic_shapes={"image": {0: torch.export.Dim("batch", min=1, max=64)}},
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
        verbose=False,
    )


def write_golden(network: nn.Module, folder: Path, size: int) -> npt.NDArray[np.float32]:
    """One synthetic input and the probabilities that torch gives for it; returns the latter.

    Torch computes them in double precision: its own single precision strays further on flat
    pictures than ONNX Runtime does.
    """
    (folder / "golden").mkdir(exist_ok=True)
    image = synthetic_chest(size)
    np.save(folder / "golden" / "input.npy", image)
    with torch.no_grad():
        given = torch.from_numpy(image.astype(np.float32) / 255)[None, None].double()
        exact = copy.deepcopy(network).double()(given)[0]
    probabilities: npt.NDArray[np.float32] = exact.float().numpy()
    np.savez_compressed(
        folder / "golden" / "expected.npz",
        masks=np.packbits(probabilities >= BORDER, axis=-1),
        mean_probability=probabilities.mean((1, 2)),
    )
    return probabilities


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


def _manifest(folder: Path, facts: PackageFacts, channels: int) -> ModelManifest:
    return ModelManifest.model_validate(
        {
            "schema": 1,
            "name": facts.name,
            "version": facts.version,
            "license": "Apache-2.0",
            "weights": {"file": WEIGHTS, "sha256": sha256_of(folder / WEIGHTS), "opset": OPSET},
            "input": {
                "tensor": "image",
                "size": facts.size,
                "polarity": "bright_is_dense",
                "resize": "letterbox",
                "intensity": INTENSITY.model_dump(),
            },
            "output": {
                "tensor": "probabilities",
                "activation": "sigmoid",
                "channels": channels,
            },
            "eligible": {"views": ["PA", "AP", "UNKNOWN"]},
            "gates": {"limits": dict(facts.gates)},
            "trained_on": [dict(entry) for entry in facts.trained_on],
            "metrics": dict(facts.metrics),
            "golden": {
                "input": "golden/input.npy",
                "expected": "golden/expected.npz",
                "tolerance": PARITY,
            },
            "code_commit": code_version(),
        }
    )


def check_parity(folder: Path, expected: npt.NDArray[np.float32]) -> float:
    """Largest difference from torch on the golden input; ValueError when above PARITY."""
    segmenter = Segmenter(read_package(folder), ["CPUExecutionProvider"])
    image = np.load(folder / "golden" / "input.npy").astype(np.float32)[None, None] / 255
    difference = float(np.abs(segmenter.probabilities(image)[0] - expected).max())
    if difference > PARITY:
        raise ValueError(f"ONNX differs from torch by {difference:.2e}, more than {PARITY:.0e}")
    return difference


def _plain(label: LabelEntry) -> dict[str, Any]:
    return label.model_dump(mode="json")


def _write_yaml(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
