"""The card tells what the manifests and the scores say."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from service.inference.manifest import read_package
from tests.training.export.conftest import Made
from tests.training.export.conftest import made as made  # noqa: PLC0414 - the fixture itself
from training.card.missing import Known
from training.card.page import THIS, CardFacts, write_card

IOU = {"mean": 0.8123, "low": 0.7, "high": 0.9, "count": 3}
HEART = {
    "known": 3, "present": 3, "missed": 1, "invented": 0, "area": 0.1,
    "iou": IOU, "dice": IOU, "surface_px": None, "surface_mm": None,
}  # fmt: skip
LIVER = HEART | {"iou": IOU | {"mean": 0.21}}
FACTS = CardFacts(
    experiment="training/experiments/smoke.yaml",
    network="segresnet",
    phases=["projections", "mixed"],
    has_films=False,
    held_out=["lidc-idri-0314"],
    score_from=130,
    score_to=258,
    known=Known(frozenset({"heart"}), frozenset({"heart", "liver"})),
    scores={},
)
SUMMARY = {
    "films": 3, "lung_fields_iou": IOU, "heart_iou": IOU, "ratio_mean_absolute_error": None,
    "ratio_bias": None, "ratio_films": 0, "classes": {"heart": HEART},
}  # fmt: skip
SCORES = {
    THIS: {
        "summary": SUMMARY,
        "views": {"views": 4, "mean_iou": 0.5, "classes": {"liver": LIVER, "heart": HEART}},
    }
}


@pytest.fixture
def package(made: Made, tmp_path: Path) -> Path:
    return Path(copytree(made.package, tmp_path / "package"))


def test_without_scores_the_card_says_so(package: Path) -> None:
    text = write_card(package, FACTS).read_text()

    assert "Not scored" in text
    assert "Not a medical device" in text
    assert "lidc-idri-0314" in text
    assert "{{" not in text


def test_figures_are_those_of_the_evaluation(package: Path) -> None:
    text = write_card(package, replace(FACTS, scores=SCORES)).read_text()

    assert "0.812 (0.700 to 0.900)" in text
    assert "mean IoU 0.500" in text
    assert "liver (IoU 0.21)" in text
    metrics = yaml.safe_load((package / "manifest.yaml").read_text())["metrics"]
    assert metrics[THIS]["heart_iou"] == IOU
    assert metrics[THIS]["projections_mean_iou"] == 0.5


def test_metrics_change_neither_weights_nor_what_decides_a_result(package: Path) -> None:
    before = read_package(package)

    write_card(package, replace(FACTS, scores=SCORES))

    after = read_package(package)
    assert after.identity == before.identity
    assert after.settings_sha256 == before.settings_sha256


def test_every_source_stands_there_with_its_licence(package: Path) -> None:
    text = write_card(package, FACTS).read_text()

    for entry in read_package(package).manifest.trained_on:
        assert f"| {entry.dataset} | {entry.licence} |" in text


def test_every_file_of_the_package_is_listed(package: Path) -> None:
    text = write_card(package, FACTS).read_text()

    for path in package.glob("weights*.onnx"):
        assert f"| {path.name} |" in text
    assert "taken by default" in text


def test_a_lateral_package_has_a_lateral_card(package: Path) -> None:
    path = package / "manifest.yaml"
    content = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(content | {"eligible": {"views": ["LATERAL"]}}))

    text = write_card(package, FACTS).read_text()

    assert "on lateral chest radiographs" in text
    assert "frontal views" in text
