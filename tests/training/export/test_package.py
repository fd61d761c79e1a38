"""A checkpoint becomes a package that the service reads and runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from service.anatomy.structures import structures_by_key
from service.commands.models import golden_difference
from service.domain.image import ViewPosition
from service.inference.manifest import Pieces, read_package
from service.inference.session import Segmenter
from service.inference.weights import Precision
from tests.training.export.conftest import FACTS, SIZE, Made
from training.channels import CHANNELS, TRAINED_KEYS
from training.export.golden import PARITY
from training.export.graph import Probabilities
from training.export.package import LATERAL, export_package
from training.fit.checkpoint import load_teacher

CPU = ["CPUExecutionProvider"]


@pytest.mark.parametrize("shape", [(1, 1, 64, 64), (3, 1, 64, 64), (2, 1, 96, 160)])
def test_onnx_gives_what_torch_gives_for_any_batch_and_size(
    made: Made, shape: tuple[int, int, int, int]
) -> None:
    network = Probabilities(load_teacher(made.checkpoint), TRAINED_KEYS)
    segmenter = Segmenter(read_package(made.package, Precision.FP32), CPU)
    images = torch.rand(shape, generator=torch.Generator().manual_seed(shape[0]))

    with torch.no_grad():
        expected = network(images).numpy()

    assert np.abs(segmenter.probabilities(images.numpy()) - expected).max() < 1e-4
    assert made.exported.parity < PARITY


def test_the_service_reads_the_package_with_every_channel_named(made: Made) -> None:
    package = read_package(made.package)

    keys = [label.key for label in package.labels]
    assert keys[: len(TRAINED_KEYS)] == list(TRAINED_KEYS)
    assert sorted(keys) == sorted(channel.key for channel in CHANNELS)
    numbers = {key: structure.number for key, structure in structures_by_key().items()}
    assert [label.number for label in package.labels] == [numbers[key] for key in keys]


def test_labels_say_how_small_and_in_how_many_pieces_a_structure_may_be(made: Made) -> None:
    labels = {label.key: label for label in read_package(made.package).labels}

    assert labels["heart"].pieces is Pieces.ONE
    assert labels["clavicles"].pieces is Pieces.MANY
    assert (
        labels["tracheal_bifurcation"].minimum_area_fraction < labels["heart"].minimum_area_fraction
    )


def test_probabilities_come_on_the_grid_on_which_the_network_decides(made: Made) -> None:
    package = read_package(made.package)
    given = np.zeros((1, 1, SIZE, SIZE), np.float32)

    found = Segmenter(package, CPU).probabilities(given)

    stride = package.manifest.output.stride
    assert stride == 2
    assert found.shape == (1, len(package.labels), SIZE // stride, SIZE // stride)


def test_a_cpu_takes_the_weights_in_half_precision(made: Made) -> None:
    package = read_package(made.package)

    assert package.weights_path.name == "weights-fp16.onnx"
    assert (
        package.weights_path.stat().st_size < 0.6 * (made.package / "weights.onnx").stat().st_size
    )
    assert golden_difference(package, Segmenter(package, CPU)) <= package.manifest.golden.tolerance


def test_a_lateral_package_claims_lateral_views_alone(made: Made, tmp_path: Path) -> None:
    facts = replace(FACTS, views=LATERAL, pictures=())

    package = read_package(export_package(made.checkpoint, tmp_path, facts).folder)

    assert package.manifest.eligible.views == (ViewPosition.LATERAL,)


def test_the_manifest_is_plain_and_names_every_variant(made: Made) -> None:
    text = (made.package / "manifest.yaml").read_text()

    weights = yaml.safe_load(text)["weights"]
    kept = {each.precision.value for each in made.exported.variants if each.variant}
    assert set(weights["variants"]) == kept
    assert "fp16" in kept
    assert "!!" not in text
