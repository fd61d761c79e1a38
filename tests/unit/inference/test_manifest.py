"""A package is refused at start, by name, not at the fifth patient."""

import pytest

from service.domain.gate import Gate
from service.errors import ModelPackageError
from service.inference.manifest import read_package
from tests.unit.inference.conftest import WritePackage, label


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
