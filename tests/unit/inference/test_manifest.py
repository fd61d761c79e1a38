"""A package is refused at start, by name, not at the fifth patient."""

import hashlib
from pathlib import Path

import pytest

from service.domain.gate import Gate
from service.errors import ModelPackageError
from service.inference.manifest import read_package
from service.inference.weights import Precision
from tests.peers import REPOSITORY
from tests.unit.inference.conftest import WritePackage, label, manifest


def test_a_complete_package_is_read(write_package: WritePackage) -> None:
    package = read_package(write_package())

    assert package.identity.name == "cxr-test"
    assert [segment.key for segment in package.segments] == ["heart", "right_lung"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"surprise": 1}, "manifest_invalid"),
        ({"version": "one"}, "manifest_invalid"),
        ({"output": {"tensor": "p", "activation": "sigmoid", "channels": 3}}, "labels_invalid"),
        ({"gates": {"limits": {}, "chest_structures": ["spleen"]}}, "manifest_invalid"),
        ({"labels": [label(1, "heart"), label(1, "lung")]}, "labels_invalid"),
        ({"labels": [label(1, "heart"), label(2, "heart")]}, "labels_invalid"),
        ({"labels": [label(1, "heart"), label(2, "Right Lung")]}, "labels_invalid"),
        ({"weights": {"file": "absent", "sha256": "0" * 64, "opset": 17}}, "weights_missing"),
        ({"weights": {"file": "weights.onnx", "sha256": "0" * 64, "opset": 17}},
         "weights_mismatch"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_package_is_named(
    write_package: WritePackage, changes: dict[str, object], code: str
) -> None:
    folder = write_package(**changes)

    with pytest.raises(ModelPackageError) as caught:
        read_package(folder)

    assert caught.value.code == code


def test_a_probe_must_have_the_hash_that_is_stated(write_package: WritePackage) -> None:
    folder = write_package(
        gates={"storing": {"file": "gates.onnx", "sha256": "0" * 64}, "limits": {}}
    )
    (folder / "gates.onnx").write_bytes(b"another")

    with pytest.raises(ModelPackageError) as caught:
        read_package(folder)

    assert caught.value.code == "weights_mismatch"


def test_limits_are_those_of_gates_that_exist(write_package: WritePackage) -> None:
    limits = read_package(write_package(gates={"limits": {"chest": 0.8}})).manifest.gates.limits

    assert limits == {Gate.CHEST: 0.8}
    with pytest.raises(ModelPackageError, match="astrology"):
        read_package(write_package(version="1.2.1", gates={"limits": {"astrology": 0.8}}))


def test_a_folder_without_a_manifest_is_no_package(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with pytest.raises(ModelPackageError, match=r"manifest\.yaml"):
        read_package(tmp_path_factory.mktemp("empty"))


SMALL = b"the same graph in half precision"


def write_two_precisions(write_package: WritePackage, **changes: object) -> Path:
    """Write a package with an fp32 and an fp16 file."""
    stated = manifest(b"not a graph")["weights"]
    variant = {
        "file": "weights-fp16.onnx",
        "sha256": hashlib.sha256(SMALL).hexdigest(),
        "difference": 0.001,
    }
    folder = write_package(weights=stated | {"variants": {"fp16": variant}} | changes)
    (folder / "weights-fp16.onnx").write_bytes(SMALL)
    return folder


@pytest.mark.parametrize(
    ("preferred", "wanted", "file"),
    [
        ("fp32", None, "weights.onnx"),
        ("fp16", None, "weights-fp16.onnx"),
        ("fp32", Precision.FP16, "weights-fp16.onnx"),
        ("fp16", Precision.FP32, "weights.onnx"),
        ("fp16", Precision.INT8, "weights.onnx"),
    ],
)
def test_the_weights_are_those_that_are_wanted_or_preferred(
    write_package: WritePackage, preferred: str, wanted: Precision | None, file: str
) -> None:
    folder = write_two_precisions(write_package, preferred=preferred)

    package = read_package(folder, wanted)

    assert package.weights_path == folder / file
    assert package.identity.sha256 == hashlib.sha256((folder / file).read_bytes()).hexdigest()


def test_every_file_must_have_the_hash_that_is_stated(write_package: WritePackage) -> None:
    folder = write_two_precisions(write_package)
    (folder / "weights-fp16.onnx").write_bytes(b"another")

    with pytest.raises(ModelPackageError) as caught:
        read_package(folder, Precision.FP32)

    assert caught.value.code == "weights_mismatch"


def test_what_decides_a_result_has_a_hash_of_its_own(write_package: WritePackage) -> None:
    one = label(1, "heart") | {"pieces": "one"}
    coarse = {"tensor": "probabilities", "activation": "sigmoid", "channels": 2, "stride": 2}
    packages = [
        write_package(),
        write_package(version="1.2.1", labels=[one, label(2, "right_lung")]),
        write_package(version="1.2.2", output=coarse),
    ]

    assert len({read_package(folder).settings_sha256 for folder in packages}) == 3


def test_a_gate_may_look_at_all_labels(write_package: WritePackage) -> None:
    gates = {"limits": {}, "chest_structures": "all"}

    package = read_package(write_package(gates=gates))

    assert package.manifest.gates.chest_structures == "all"


def test_the_first_model_decides_as_it_always_did() -> None:
    """Its objects' UIDs follow from this: they must not change with the schema."""
    package = read_package(REPOSITORY / "models" / "cxr-anatomy-frontal" / "0.1.0")

    assert package.settings_sha256.startswith("185e2e5f35c9745c69eb393c2199a11d")
