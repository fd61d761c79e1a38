"""The probe in a package: its hash is stated, and ONNX says what torch says."""

import shutil
from pathlib import Path

import pytest
import torch
import yaml

from service.inference.manifest import read_package, sha256_of
from tests.peers import REPOSITORY
from training.gates.export import FILE, add_to_package
from training.gates.network import Stored

SHIPPED = REPOSITORY / "models" / "cxr-anatomy-frontal" / "0.1.0"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "package"))


def test_a_new_probe_replaces_the_old_one_and_leaves_the_limits(package: Path) -> None:
    before = read_package(package).manifest.gates
    torch.manual_seed(1)

    path = add_to_package(Stored().eval(), package)

    gates = read_package(package).manifest.gates
    assert gates.storing is not None
    assert before.storing is not None
    assert gates.storing.sha256 == sha256_of(path) != before.storing.sha256
    assert gates.limits == before.limits


def test_a_package_without_gates_gets_some(package: Path) -> None:
    manifest = package / "manifest.yaml"
    content = yaml.safe_load(manifest.read_text())
    del content["gates"]
    manifest.write_text(yaml.safe_dump(content))
    (package / FILE).unlink()

    add_to_package(Stored().eval(), package)

    assert read_package(package).storing_path == package / FILE
