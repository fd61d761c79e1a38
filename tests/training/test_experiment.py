"""An experiment file is checked before anything runs, and its mistakes are named."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.peers import REPOSITORY
from training.cli import main
from training.experiment import check_subjects, read_recipe
from training.misspelt import ExperimentError, suggestion

SMOKE = REPOSITORY / "training" / "experiments" / "smoke.yaml"


def written(folder: Path, *changes: tuple[list[str | int], object]) -> Path:
    """Write the smoke recipe with values put at places."""
    content: Any = yaml.safe_load(SMOKE.read_text())
    for place, value in changes:
        part = content
        for key in place[:-1]:
            part = part[key]
        part[place[-1]] = value
    path = folder / "wrong.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (["project", "veiws"], 3, "project.veiws: there is no such key - did you mean views?"),
        (["inget"], {}, "inget: there is no such key - did you mean ingest?"),
        (["fit", "phases", 0, "stepps"], 3, "fit.phases.0.stepps: .* - did you mean steps?"),
        (["fit", "ignore"], {"a": ["haert"]}, "no taught channel haert - did you mean heart?"),
        (["label", "distrust"], {"a": ["hart"]}, "no structure hart - did you mean heart?"),
        (
            ["label", "critic"],
            "rulse",
            "label.critic: there is no critic rulse - did you mean rules?",
        ),
        (["label", "critic"], "http", "label: critic: http needs critic_url"),
        (["export", "thresholds"], {"lungs": 0.4}, "no channel lungs - did you mean lung?"),
        (["project", "views"], "many", "project.views: Input should be a valid integer"),
        (["fit", "phases", 0, "tutor"], "projections", "fit: earlier phase: projections"),
        (["xylophone"], 1, "xylophone: there is no such key - there is"),
    ],
)
def test_a_wrong_word_is_named_with_the_nearest_right_one(
    tmp_path: Path, place: list[str | int], value: object, said: str
) -> None:
    with pytest.raises(ExperimentError, match=said.replace("?", r"\?")):
        read_recipe(written(tmp_path, (place, value)))


def test_labels_are_filtered_and_criticised_where_the_recipe_does_not_say_otherwise() -> None:
    label = read_recipe(SMOKE).label
    assert (label.filters, label.critic) == (True, "rules")
    for name in ("cpu", "cpu-lateral", "gpu"):
        looked_at = read_recipe(SMOKE.with_name(f"{name}.yaml")).label
        assert (looked_at.filters, looked_at.critic) == (False, "none")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, (["project", "veiws"], 3), (["fit", "bathc"], 3))

    with pytest.raises(ExperimentError) as caught:
        read_recipe(path)

    assert "views?" in str(caught.value)
    assert "batch?" in str(caught.value)


@pytest.mark.parametrize(
    "place",
    ["label.atlases", "pack.validation", "pack.test", "fit.subjects", "fit.validate_on.subjects"],
)
def test_a_subject_that_is_not_there_is_named_with_the_nearest_one(
    tmp_path: Path, place: str
) -> None:
    stage, *words = place.split(".")
    content: Any = ["lidc-idri-001"]
    for word in reversed(words):
        content = {word: content}
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({"base": str(SMOKE), "name": "smoke", stage: content}))
    recipe = read_recipe(path)

    with pytest.raises(ExperimentError, match=rf"{place}: lidc-idri-001 - .* lidc-idri-0001"):
        check_subjects(recipe, ["lidc-idri-0001", "rider"])
    check_subjects(recipe, ["lidc-idri-001"])


def test_a_mistake_ends_the_command_with_its_line_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, (["project", "veiws"], 3))

    assert main(["run", str(path), "--work", str(tmp_path / "work")]) == 1

    error = capsys.readouterr().err
    assert "did you mean views?" in error
    assert "Traceback" not in error
    assert not (tmp_path / "work").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"absent\.yaml"):
        read_recipe(tmp_path / "absent.yaml")


def test_few_known_words_are_listed_when_none_is_near() -> None:
    assert suggestion("xylophone", ["one", "two"]) == " - there is one, two"
    assert suggestion("xylophone", []) == ""
