"""The same probe behind another input size says the same."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from service.inference.manifest import read_package, sha256_of
from service.inference.session import Segmenter
from tests.peers import REPOSITORY
from training.gates.carry import take_probe
from training.gates.export import FILE

GIVER = REPOSITORY / "models" / "cxr-anatomy-frontal" / "0.1.0"


def _package(home: Path, size: int) -> Path:
    """The giver's package for another input size, without a probe."""
    package = Path(shutil.copytree(GIVER, home / "package"))
    manifest = package / "manifest.yaml"
    content = yaml.safe_load(manifest.read_text())
    content["input"]["size"] = size
    del content["gates"]["storing"]
    manifest.write_text(yaml.safe_dump(content))
    (package / FILE).unlink()
    return package


def test_a_larger_picture_gets_the_same_answer(tmp_path: Path) -> None:
    package = _package(tmp_path, 384)
    path = take_probe(GIVER, package)
    stated = read_package(package).manifest.gates.storing
    assert stated is not None
    assert stated.sha256 == sha256_of(path)
    picture = np.random.default_rng(1).random((1, 1, 64, 64), dtype=np.float32)
    answers = [
        Segmenter(read_package(home)).storing(picture.repeat(times, -1).repeat(times, -2))
        for home, times in ((GIVER, 4), (package, 6))
    ]
    np.testing.assert_allclose(*answers, atol=1e-5)


def test_a_size_that_cannot_be_shrunk_evenly_is_refused(tmp_path: Path) -> None:
    package = _package(tmp_path, 320 + 32)
    with pytest.raises(ValueError, match="multiple of 64"):
        take_probe(GIVER, package)


def test_a_giver_without_a_probe_is_named(tmp_path: Path) -> None:
    package = _package(tmp_path, 256)
    with pytest.raises(ValueError, match="has no probe"):
        take_probe(package, GIVER)
