"""A complete small model package in a temporary folder."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml


def label(number: int, key: str) -> dict[str, Any]:
    return {
        "number": number,
        "key": key,
        "label": key.replace("_", " ").capitalize(),
        "category": {"value": "91723000", "scheme": "SCT", "meaning": "Anatomical Structure"},
        "type": {"value": "39607008", "scheme": "SCT", "meaning": "Lung"},
        "laterality": None,
        "colour_rgb": [10, 20, 30],
        "threshold": 0.5,
        "minimum_area_fraction": 0.001,
    }


def manifest(weights: bytes) -> dict[str, Any]:
    return {
        "schema": 1,
        "name": "cxr-test",
        "version": "1.2.0",
        "license": "Apache-2.0",
        "weights": {
            "file": "weights.onnx",
            "sha256": hashlib.sha256(weights).hexdigest(),
            "opset": 17,
        },
        "input": {
            "tensor": "image",
            "size": 64,
            "polarity": "bright_is_dense",
            "resize": "letterbox",
            "intensity": {"method": "percentile", "low": 0.5, "high": 99.5},
        },
        "output": {"tensor": "probabilities", "activation": "sigmoid", "channels": 2},
        "eligible": {"views": ["PA", "AP"]},
        "trained_on": [{"dataset": "drawn", "licence": "CC0-1.0", "split": "train", "subjects": 1}],
        "metrics": {},
        "golden": {"input": "golden/input.npy", "expected": "golden/x.npz", "tolerance": 0.001},
        "code_commit": "0" * 40,
    }


WritePackage = Callable[..., Path]


@pytest.fixture
def write_package(tmp_path: Path) -> WritePackage:
    """Return a function that writes a package; keyword arguments replace manifest entries."""

    def write(labels: list[dict[str, Any]] | None = None, **changes: object) -> Path:
        weights = b"not a graph"
        content = manifest(weights) | changes
        folder = tmp_path / str(content["name"]) / str(content["version"])
        folder.mkdir(parents=True)
        (folder / "weights.onnx").write_bytes(weights)
        (folder / "manifest.yaml").write_text(yaml.safe_dump(content))
        entries = labels or [label(1, "heart"), label(2, "right_lung")]
        (folder / "labels.yaml").write_text(yaml.safe_dump(entries))
        return folder

    return write
