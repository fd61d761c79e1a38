"""`thorax analyse` of lateral films, with a lateral package beside the frontal one."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from typer.testing import CliRunner

from service.cli import app
from service.measurements.registry import measure_all
from tests.builders import build_dx, write_part10
from tests.golden import FOLDER, golden_keys, golden_lateral
from tests.peers import REPOSITORY

pytest.importorskip("onnx", reason="training is an extra: pip install thorax[training]")

from tests.lateral_package import write_lateral_package

pytestmark = pytest.mark.slow
FRONTAL = REPOSITORY / "models" / "cxr-anatomy-frontal" / "0.1.0"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    shutil.copytree(FRONTAL, folder / "cxr-anatomy-frontal" / "0.1.0")
    return folder


def film(path: Path, **keywords: object) -> Path:
    """Write the golden lateral picture as DX."""
    with Image.open(FOLDER / "lateral.jpg") as picture:
        grey = np.asarray(picture.convert("L"))
    spacing = golden_lateral().spacing
    defaults: dict[str, object] = {
        "ViewPosition": "LL",
        "ViewCodeSequence": None,
        "PatientOrientation": ["P", "F"],
        "PixelSpacing": [spacing.row_mm, spacing.column_mm],
    }
    write_part10(build_dx(grey, **(defaults | keywords)), path)
    return path


def analyse(path: Path, models: Path, out: Path) -> dict[str, Any]:
    """Return result.json."""
    arguments = ["analyse", str(path), "--out", str(out)]
    ran = CliRunner(env={"THORAX_MODELS": str(models)}).invoke(app, arguments)
    assert ran.exception is None or isinstance(ran.exception, SystemExit)
    (result,) = out.glob("*/result.json")
    document: dict[str, Any] = json.loads(result.read_text())
    return document


def test_without_a_lateral_package_a_lateral_film_is_skipped(tmp_path: Path, models: Path) -> None:
    result = analyse(film(tmp_path / "film.dcm"), models, tmp_path / "out")

    assert result["status"] == "skipped"
    assert result["reason"]["code"] == "no_model_for_view"


@pytest.mark.parametrize("view", ["LL", "RL", "LATERAL"])
def test_a_lateral_film_goes_to_the_lateral_package(
    tmp_path: Path, models: Path, view: str
) -> None:
    write_lateral_package(models)

    result = analyse(film(tmp_path / "film.dcm", ViewPosition=view), models, tmp_path / "out")

    assert result["status"] == "done"
    assert result["model"]["name"] == "cxr-test-lateral"
    found = {segment["key"] for segment in result["segments"] if segment["pixels"]}
    assert {"vertebra_t7", "heart", "sternum"} & set(golden_keys("lateral")) <= found


def test_what_is_measured_is_what_the_masks_give(tmp_path: Path, models: Path) -> None:
    write_lateral_package(models)

    result = analyse(film(tmp_path / "film.dcm"), models, tmp_path / "out")

    taken = {each["key"]: each for each in result["measurements"]}
    expected = {each.key: each for each in measure_all(golden_lateral())}
    kyphosis = expected["thoracic_kyphosis"].value
    assert kyphosis is not None
    assert taken["thoracic_kyphosis"]["value"] == pytest.approx(kyphosis, abs=2)
    assert taken["vertebral_height_t6_middle"]["status"] == "measured"
    assert "cardiothoracic_ratio" not in taken
    checks = {each["check"] for each in result["quality"]}
    assert checks.isdisjoint({"patient_rotation", "mirrored", "projection", "field_sides"})


def test_objects_of_a_lateral_film_reference_it(tmp_path: Path, models: Path) -> None:
    write_lateral_package(models)
    path = film(tmp_path / "film.dcm")

    analyse(path, models, tmp_path / "out")

    source = pydicom.dcmread(path).SOPInstanceUID
    (folder,) = (tmp_path / "out").iterdir()
    for kind in ("seg", "sr", "sc"):
        made = pydicom.dcmread(folder / f"{kind}.dcm")
        assert source in str(made), kind


def test_a_frontal_film_still_goes_to_the_frontal_package(tmp_path: Path, models: Path) -> None:
    write_lateral_package(models)

    result = analyse(REPOSITORY / "samples" / "simulated-1.dcm", models, tmp_path / "out")

    assert result["model"]["name"] == "cxr-anatomy-frontal"
