"""The package folder: graph, variants, labels and manifest, through the service's own schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from service.domain.image import ViewPosition
from service.inference.manifest import ModelManifest, read_package, sha256_of
from service.inference.weights import Precision
from training.export.golden import PARITY, check_parity, golden_of, write_golden
from training.export.graph import INPUT, OPSET, OUTPUT, Probabilities, write_onnx
from training.export.quantised import Picture
from training.export.variants import VariantReport, write_variants
from training.fit.augment import INTENSITY
from training.fit.checkpoint import checkpoint_keys, load_teacher
from training.stage import code_version
from training.vocabulary import labels

WEIGHTS = "weights.onnx"
FRONTAL = (ViewPosition.POSTERO_ANTERIOR, ViewPosition.ANTERO_POSTERIOR, ViewPosition.UNKNOWN)
LATERAL = (ViewPosition.LATERAL,)


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """What the manifest states and the weights do not.

    views: as the service names them. pictures: of the training set, to calibrate and to judge the
    variants on; without any, no int8 file is tried.
    """

    name: str
    version: str
    size: int
    gates: Mapping[str, float]
    trained_on: tuple[Mapping[str, Any], ...]
    metrics: Mapping[str, Any]
    thresholds: Mapping[str, float]
    views: tuple[ViewPosition, ...] = FRONTAL
    chest_structures: Literal["all"] | Sequence[str] = ()
    pictures: Sequence[Picture] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Exported:
    """A written package: how far ONNX is from torch, and how the variants came out."""

    folder: Path
    parity: float
    variants: tuple[VariantReport, ...]


def export_package(checkpoint: Path, folder: Path, facts: PackageFacts) -> Exported:
    """Write the package folder; raises ValueError when ONNX and torch disagree."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = checkpoint_keys(checkpoint)
    network = Probabilities(load_teacher(checkpoint), keys).eval()
    write_onnx(network, folder / WEIGHTS)
    golden = golden_of(network, facts.size)
    parity = check_parity(folder / WEIGHTS, golden)
    write_golden(golden, folder)
    variants = write_variants(folder / WEIGHTS, golden, facts.pictures)
    entries = labels(keys, facts.thresholds)
    _write_yaml(folder / "labels.yaml", [entry.model_dump(mode="json") for entry in entries])
    manifest = _manifest(folder, facts, network, variants)
    _write_yaml(folder / "manifest.yaml", manifest.model_dump(mode="json", by_alias=True))
    read_package(folder)
    return Exported(folder, parity, variants)


def _manifest(
    folder: Path,
    facts: PackageFacts,
    network: Probabilities,
    variants: Sequence[VariantReport],
) -> ModelManifest:
    content = {
        "schema": 1,
        "name": facts.name,
        "version": facts.version,
        "license": "Apache-2.0",
        "weights": _weights(folder, variants),
        "input": {
            "tensor": INPUT,
            "size": facts.size,
            "polarity": "bright_is_dense",
            "resize": "letterbox",
            "intensity": INTENSITY.model_dump(),
        },
        "output": {
            "tensor": OUTPUT,
            "activation": "sigmoid",
            "channels": len(network.keys),
            "stride": network.stride(),
        },
        "eligible": {"views": facts.views},
        "gates": {"limits": dict(facts.gates), "chest_structures": facts.chest_structures},
        "trained_on": [dict(entry) for entry in facts.trained_on],
        "metrics": dict(facts.metrics),
        "golden": {
            "input": "golden/input.npy",
            "expected": "golden/expected.npz",
            "tolerance": PARITY,
        },
        "code_commit": code_version(),
    }
    return ModelManifest.model_validate(content)


def _weights(folder: Path, variants: Sequence[VariantReport]) -> dict[str, Any]:
    """The files; a CPU takes fp16 where there is one: half the bytes, the same arithmetic."""
    kept = {each.precision: each.variant for each in variants if each.variant is not None}
    return {
        "file": WEIGHTS,
        "sha256": sha256_of(folder / WEIGHTS),
        "opset": OPSET,
        "variants": kept,
        "preferred": Precision.FP16 if Precision.FP16 in kept else Precision.FP32,
    }


def _write_yaml(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
