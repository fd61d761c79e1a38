"""The report holds everything itself, says what the model cannot do, and a browser shows it."""

import base64
import io
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.peers import require
from tests.training.evaluate.conftest import PACKAGE
from training.cli import main
from training.evaluate.findings import findings, seen_in_training
from training.evaluate.metrics import Estimate
from training.evaluate.page import interval, ranked, write_page
from training.evaluate.scores import score_class
from training.evaluate.sides import Sides
from training.evaluate.stage import Evaluated, Material, evaluate_package
from training.evaluate.views import ViewScore


@pytest.fixture(scope="module")
def material(films: Path) -> Material:
    return Material(films=films, ids=(130, 131, 132))


@pytest.fixture(scope="module")
def found(material: Material) -> Evaluated:
    return evaluate_package(PACKAGE, material)


@pytest.fixture(scope="module")
def page(found: Evaluated, material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    return write_page(path, [found], material, "thorax-train evaluate <A> & B")


def test_nothing_is_fetched_from_elsewhere(page: Path) -> None:
    text = page.read_text()

    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert addresses
    assert all(each.startswith("data:") for each in addresses)
    assert "&lt;A&gt; &amp; B" in text


def test_every_film_is_shown_with_its_outlines(page: Path) -> None:
    pictures = re.findall(r"data:image/jpeg;base64,([^\"]+)", page.read_text())

    assert len(pictures) == 3
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(pictures[0]))), int)
    # Film and spine are grey; outlines are not.
    assert (np.ptp(shown, axis=2) > 60).sum() > 200


def test_the_page_names_model_weights_and_figures(page: Path, found: Evaluated) -> None:
    text = page.read_text()

    assert "cxr-anatomy-frontal 0.1.0" in text
    assert found.package.weights.sha256 in text
    assert "What it cannot do" in text
    assert "right_lung_field" in text


@pytest.mark.peer
def test_a_browser_renders_it_without_a_complaint(page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    command = [
        str(require("chromium")), "--headless", "--no-sandbox", "--disable-gpu",
        "--enable-logging=stderr", "--window-size=1000,1600", f"--screenshot={picture}",
        page.as_uri(),
    ]  # fmt: skip

    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert ran.returncode == 0, ran.stderr
    assert "CONSOLE" not in ran.stderr
    seen = np.asarray(Image.open(picture).convert("RGB"), int)
    # The box that says what the model cannot do stands in the upper part of the page.
    assert (abs(seen[:900] - (255, 244, 234)).max(axis=2) < 3).mean() > 0.03


def test_ranks_name_no_picture_twice() -> None:
    for count in range(40):
        places = [place for group in ranked(count).values() for place in group]
        assert len(places) == len(set(places)) == min(count, 8)
        assert all(0 <= place < count for place in places)


def test_an_interval_is_written_out() -> None:
    assert interval(Estimate(0.5, 0.4, 0.6, 3)) == "0.500 (0.400 to 0.600)"
    assert interval(None) == "-"


def test_swapped_sides_come_first(found: Evaluated) -> None:
    swapped = replace(found.films[0], sides=Sides(0.1, 0.9))

    first, *_ = findings(replace(found, films=(swapped, *found.films[1:])))

    assert first.startswith("On 1 of 3 films right and left are swapped")


def test_volumes_of_the_training_are_named_as_such(found: Evaluated) -> None:
    views = tuple(ViewScore(name, 0, "PA", (), None) for name in ("lidc-idri-0001", "new"))

    assert seen_in_training(replace(found, views=views)) == ["lidc-idri-0001"]


def test_classes_that_are_missed_or_poor_on_projections_are_named(found: Evaluated) -> None:
    nothing, truth, half = np.zeros((3, 8, 8), bool)
    truth[:, :4] = True
    half[:, 3:] = True
    scores = (
        score_class("rib_12_left", nothing, truth),
        score_class("aorta", half, truth),
        score_class("heart", truth, truth),
        score_class("stomach", nothing, nothing),
    )

    said = " ".join(findings(replace(found, views=(ViewScore("v", 0, "PA", scores, None),))))

    assert "Never found on projections: rib_12_left." in said
    assert "IoU below 0.5 on projections: aorta 0.12." in said  # 8 of 64 pixels
    assert "so not judged: stomach." in said


def test_the_command_writes_json_and_page(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, figures = tmp_path / "a.html", tmp_path / "a.json"

    chosen = ["--films", str(films), "--first", "130", "--last", "131"]
    status = main(
        ["evaluate", str(PACKAGE), *chosen, "--report", str(page), "--json", str(figures)]
    )

    assert status == 0
    (content,) = json.loads(figures.read_text()).values()
    assert content["summary"]["films"] == 2
    assert content["package"]["version"] == "0.1.0"
    assert content["summary"]["classes"]["heart"]["known"] == 2
    assert page.read_text().startswith("<!doctype html>")
    assert "0.1.0 | 2 |" in capsys.readouterr().out


def test_a_command_without_material_says_what_to_give(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["evaluate", str(PACKAGE)])

    assert "give --films, --views or --unlabelled" in capsys.readouterr().err


def test_volumes_without_views_are_refused_with_those_that_have_some(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "one.npz", water=np.zeros(1))

    with pytest.raises(SystemExit):
        main(["evaluate", str(PACKAGE), "--views", str(tmp_path), "--subjects", "two"])

    assert "holds views of one, not of ['two']" in capsys.readouterr().err
