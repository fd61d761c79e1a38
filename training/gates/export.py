"""The trained network as `gates.onnx` of a model package, with its hash in the manifest."""

import hashlib
import warnings
from pathlib import Path

import numpy as np
import torch
import yaml

from service.inference.manifest import Probe, read_package
from service.inference.session import Segmenter
from training.export.graph import OPSET
from training.gates.network import Probabilities, Stored
from training.onnx_file import forget_origin

FILE = "gates.onnx"
PARITY = 1e-4


def add_to_package(network: Stored, folder: Path) -> Path:
    """Write gates.onnx and its hash; raises ValueError when ONNX and torch disagree."""
    size = read_package(folder).manifest.input.size
    exported, path = Probabilities(network).eval(), folder / FILE
    write_onnx(exported, path, size)
    state_hash(folder / "manifest.yaml", path)
    check_parity(exported, folder, size)
    return path


def write_onnx(network: Probabilities, path: Path, size: int) -> None:
    """Export for one picture at a time; tensors are named `image` and `storing`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter calls its own deprecated parts
        torch.onnx.export(
            network,
            (torch.zeros(1, 1, size, size),),
            path,
            input_names=["image"],
            output_names=["storing"],
            opset_version=OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )
    forget_origin(path)


def check_parity(network: Probabilities, folder: Path, size: int) -> float:
    """Largest difference from torch on noise; ValueError when above PARITY."""
    segmenter = Segmenter(read_package(folder), ["CPUExecutionProvider"])
    image = np.random.default_rng(0).random((1, 1, size, size), dtype=np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(image)).numpy()
    found = segmenter.storing(image)
    if found is None:
        raise ValueError("the package has no probe")
    difference = float(np.abs(found - expected).max())
    if difference > PARITY:
        raise ValueError(f"ONNX differs from torch by {difference:.2e}, more than {PARITY:.0e}")
    return difference


def state_hash(manifest: Path, path: Path) -> None:
    """Write into a package's manifest which probe it has."""
    content = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    probe = Probe(file=path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    content["gates"] = {"storing": probe.model_dump(), **_without_probe(content.get("gates", {}))}
    manifest.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")


def _without_probe(gates: dict[str, object]) -> dict[str, object]:
    return {"limits": {}} | {key: value for key, value in gates.items() if key != "storing"}
