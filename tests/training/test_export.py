from pathlib import Path

import numpy as np
import pytest
import torch

from service.anatomy.structures import structures_by_key
from service.inference.manifest import read_package
from service.inference.session import Segmenter
from training.channels import CHANNELS, TRAINED_KEYS
from training.export import PackageFacts, Probabilities, check_parity, export_package
from training.fit.loop import FitSettings, _begin, load_teacher, save_checkpoint

FACTS = PackageFacts(
    name="cxr-anatomy-test",
    version="0.0.1",
    size=64,
    gates={"exposure": 0.01},
    trained_on=({"dataset": "noise", "licence": "none", "split": "none", "subjects": 0},),
    metrics={},
    thresholds={},
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An untrained network: checkpoint and package folder."""
    home = tmp_path_factory.mktemp("export")
    torch.manual_seed(3)
    settings = FitSettings(1, 1, 64, 8, 1e-3, 1, 10**9, TRAINED_KEYS)
    save_checkpoint(_begin(settings, None), home / "checkpoint.pt", settings)
    return home / "checkpoint.pt", export_package(home / "checkpoint.pt", home / "package", FACTS)


def test_onnx_gives_what_torch_gives_for_any_batch(exported: tuple[Path, Path]) -> None:
    checkpoint, package = exported
    network = Probabilities(load_teacher(checkpoint), TRAINED_KEYS)
    segmenter = Segmenter(read_package(package), ["CPUExecutionProvider"])
    for batch in (1, 3):
        images = torch.rand(batch, 1, 64, 64, generator=torch.Generator().manual_seed(batch))
        with torch.no_grad():
            expected = network(images).numpy()
        assert np.abs(segmenter.probabilities(images.numpy()) - expected).max() < 1e-4


def test_the_service_reads_the_package_with_every_channel_named(
    exported: tuple[Path, Path],
) -> None:
    package = read_package(exported[1])
    keys = [label.key for label in package.labels]
    assert keys[: len(TRAINED_KEYS)] == list(TRAINED_KEYS)
    assert sorted(keys) == sorted(channel.key for channel in CHANNELS)
    numbers = {key: structure.number for key, structure in structures_by_key().items()}
    assert [label.number for label in package.labels] == [numbers[key] for key in keys]


def test_a_union_is_the_larger_of_its_parts(exported: tuple[Path, Path]) -> None:
    segmenter = Segmenter(read_package(exported[1]), ["CPUExecutionProvider"])
    found = segmenter.probabilities(np.random.default_rng(0).random((1, 1, 64, 64), np.float32))[0]
    place = {label.key: n for n, label in enumerate(read_package(exported[1]).labels)}
    sides = np.maximum(found[place["clavicle_left"]], found[place["clavicle_right"]])
    assert (found[place["clavicles"]] == sides).all()


def test_a_package_that_disagrees_with_torch_is_refused(exported: tuple[Path, Path]) -> None:
    wrong = np.full((len(CHANNELS), 64, 64), 0.123, np.float32)
    with pytest.raises(ValueError, match="differs from torch"):
        check_parity(exported[1], wrong)
