"""The data card says what was packed, what was not and why; a real browser shows it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.peers import require
from tests.training.pack.sets import HEART_ROWS, SIZE, VIEWS, run_of
from training.channels import TRAINED_KEYS
from training.experiment import PackRecipe
from training.pack.data_card import read_data_card
from training.pack.stage import pack_samples
from training.stage import Stage, read_manifest

DRIVER = Path(__file__).with_name("page_driver.js")
RECIPE = PackRecipe(test=["c"], validation_share=0, test_share=0)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three subjects of whom one cannot be read, and films."""
    work = tmp_path_factory.mktemp("card")
    run = run_of(work, {"a": "a", "b": "b", "c": "c"}, RECIPE, films=10)
    (run.projected / "b.npz").write_bytes(b"cut off")
    pack_samples(run, work / "pack")
    return work / "pack"


def test_the_modules_of_the_label_are_there(packed: Path) -> None:
    assert set(read_data_card(packed)) == {
        *("metadata", "provenance", "acquisition", "variables", "statistics"),
        *("splits", "pair_plots", "correlations", "exclusions"),
    }


def test_sources_have_licences_and_counts(packed: Path) -> None:
    sources = read_data_card(packed)["provenance"]["sources"]
    drawn = {"source": "drawn", "licence": "CC0-1.0", "items": 2, "samples": 2 * VIEWS}
    assert drawn in sources
    assert sum(entry["samples"] for entry in sources) == 2 * VIEWS + 10


def test_prevalence_and_area_are_those_that_were_drawn(packed: Path) -> None:
    by_key = {entry["key"]: entry for entry in read_data_card(packed)["statistics"]}
    projections, films = 2 * VIEWS, 10
    hearts = (projections * HEART_ROWS / SIZE + films / 2) / (projections + films)
    assert by_key["heart"]["area_mean"] == pytest.approx(hearts, abs=1e-3)
    assert by_key["trachea"]["prevalence"] == 0
    assert by_key["left_lung"]["prevalence"] is None
    assert len(by_key) == len(TRAINED_KEYS)


def test_acquisition_comes_from_the_headers_of_ingest(packed: Path) -> None:
    fields = {entry["field"]: entry for entry in read_data_card(packed)["acquisition"]}
    assert fields["kilovolt_peak"]["median"] == 120
    assert fields["sex"]["counts"] == {"F": 2}
    assert fields["slice_thickness_mm"]["stated"] == 2


def test_what_was_left_out_is_named_with_its_reason(packed: Path) -> None:
    (entry,) = read_data_card(packed)["exclusions"]
    assert (entry["stage"], entry["item"]) == ("pack", "b")
    assert entry["reason"]


def test_a_volume_that_the_recipe_leaves_out_is_named(tmp_path: Path) -> None:
    run = run_of(tmp_path, {"a": "a", "b": "b"}, PackRecipe(validation_share=0, test_share=0))
    views = Stage.open(run.projected, "project", {}, {}, read_manifest(run.labelled)["items"])
    views.each(["a"], lambda _: {"views": VIEWS})
    pack_samples(run, tmp_path / "pack")

    (entry,) = read_data_card(tmp_path / "pack")["exclusions"]
    assert (entry["stage"], entry["item"]) == ("project", "b")


def test_the_card_names_the_version_of_the_labels(packed: Path) -> None:
    labels = read_manifest(packed.parent / "label")["fingerprint"]
    assert read_data_card(packed)["metadata"]["label_version"] == labels


def test_the_page_asks_nothing_of_the_network(packed: Path) -> None:
    text = (packed / "card.html").read_text().replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert "<script" not in text


@pytest.mark.peer
def test_a_browser_shows_the_card_without_an_error(packed: Path) -> None:
    scenario = {
        "playwright": str(require("playwright")),
        "chromium": str(require("chromium")),
        "page": (packed / "card.html").as_uri(),
    }
    command = [str(require("node")), str(DRIVER), json.dumps(scenario)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)

    assert seen["errors"] == []
    assert seen["requests"] == [scenario["page"]]
    assert seen["pictures"] >= 4  # PA and AP of two subjects, films
    assert seen["brokenPictures"] == 0
    assert seen["emptyCharts"] == 0
    for words in (
        "16 samples of 4 volumes or groups",
        "CC0-1.0",
        "Left out",
        "no patient is in two splits",
        "kilovolt peak",
    ):
        assert words in seen["text"]
