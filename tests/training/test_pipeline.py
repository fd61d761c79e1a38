"""The smoke recipe, all stages, on a phantom written as NIfTI."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from service.inference.manifest import read_package
from training.channels import TRAINED_KEYS
from training.cli import main
from training.experiment import read_recipe
from training.ingest.volume import Volume

EXPERIMENTS = Path(__file__).parents[2] / "training" / "experiments"


def test_the_smoke_recipe_makes_a_package_that_the_service_reads(
    tmp_path: Path, phantom: Volume
) -> None:
    _write(tmp_path / "volumes" / "phantom" / "ct.nii.gz", phantom)
    arguments = ["run", str(EXPERIMENTS / "smoke.yaml"), "--work", str(tmp_path / "work")]
    arguments += ["--volumes", str(tmp_path / "volumes"), "--models", str(tmp_path / "models")]
    assert main(arguments) == 0
    home = tmp_path / "models" / "cxr-anatomy-smoke" / "0.0.1"
    package = read_package(home)
    keys = {label.key for label in package.labels}
    assert {"right_lung", "left_lung", "trachea", "lung", "right_lung_base"} <= keys
    assert keys < set(TRAINED_KEYS) | {"lung", "diaphragm", "lung_base"} | {
        f"{zone}_zone_lung" for zone in ("apical", "upper", "mid")
    }
    assert package.manifest.trained_on[0].dataset == "CT phantom"
    assert "Not a medical device" in (home / "model_card.md").read_text()


def _write(path: Path, volume: Volume) -> None:
    path.parent.mkdir(parents=True)
    z, y, x = volume.spacing_mm
    affine = np.diag([-x, -y, z, 1.0])  # left and back are negative in NIfTI's world
    nibabel.save(nibabel.Nifti1Image(volume.hu.transpose(2, 1, 0), affine), path)


@pytest.mark.parametrize("name", sorted(p.name for p in EXPERIMENTS.glob("*.yaml")))
def test_every_recipe_in_the_repository_is_valid(name: str) -> None:
    assert read_recipe(EXPERIMENTS / name).name == name.removesuffix(".yaml")


def test_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    content = yaml.safe_load((EXPERIMENTS / "smoke.yaml").read_text())
    content["project"]["veiws"] = 3
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(ValidationError, match="veiws"):
        read_recipe(path)


def test_scoring_films_are_never_training_films(tmp_path: Path) -> None:
    from training.fit.stage import training_films

    films = read_recipe(EXPERIMENTS / "cpu.yaml").films
    numbers = [int(path.stem) for path in training_films(tmp_path, films)]
    assert max(numbers) < 130 <= films.score_from
    assert not any(number % 10 == 9 for number in numbers)
