"""Every source of a training is named with its licence."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.peers import REPOSITORY
from tests.training.pack.sets import run_of
from training.experiment import PackRecipe, Recipe, read_recipe
from training.pack.stage import pack_samples
from training.provenance import partly_known, trained_on, until

EXPERIMENTS = REPOSITORY / "training" / "experiments"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    volumes = {name: {"licence": f"licence of {name}"} for name in ("one", "two", "refused")}
    for stage, items in (("ingest", volumes), ("project", {"one": {}, "two": {}})):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / "manifest.json").write_text(json.dumps({"items": items}))
    return tmp_path


def recipe_with(name: str = "smoke", **fit: object) -> Recipe:
    recipe = read_recipe(EXPERIMENTS / f"{name}.yaml")
    changed: Any = recipe.model_dump(mode="json")
    changed["fit"] |= fit
    return Recipe.model_validate(changed)


def test_each_projected_volume_is_named_with_its_licence(work: Path) -> None:
    entries = trained_on(recipe_with(), work, None, None)

    assert [(each["dataset"], each["licence"]) for each in entries] == [
        ("CT one", "licence of one"),
        ("CT two", "licence of two"),
    ]


def test_a_held_out_volume_was_not_trained_on(work: Path) -> None:
    entries = trained_on(recipe_with(validate_on={"subjects": ["two"]}), work, None, None)

    assert [each["dataset"] for each in entries] == ["CT one"]


@pytest.mark.parametrize("pretrained", [True, False])
def test_pre_training_is_a_source(work: Path, *, pretrained: bool) -> None:
    settings = {"pretrained": pretrained}
    recipe = recipe_with(network="efficientnet-lite0", network_settings=settings)

    entries = trained_on(recipe, work, None, None)

    licences = [e["licence"] for e in entries if e["split"].startswith("pre-training")]
    assert licences == (["weights Apache-2.0"] if pretrained else [])


def test_films_that_no_phase_asks_for_are_no_source(work: Path, tmp_path: Path) -> None:
    (tmp_path / "000.png").touch()

    entries = trained_on(recipe_with(), work, tmp_path, tmp_path)

    assert all(each["dataset"].startswith("CT ") for each in entries)


def test_films_with_boxes_or_pseudo_masks_are_sources_where_a_phase_draws_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "000.png").touch()
    phase = {"name": "only", "steps": 1, "learning_rate": 0.1, "projections": 1, "pseudo": 1}

    entries = partly_known(recipe_with(phases=[phase]), tmp_path, tmp_path)

    assert [(each["split"], each["subjects"]) for each in entries] == [("train, pseudo-masks", 1)]


def test_of_a_packed_set_only_the_training_split_is_a_source(tmp_path: Path) -> None:
    split = {"validation": ["b"], "test": ["c"], "validation_share": 0, "test_share": 0}
    names = {name: name for name in "abc"}
    made = pack_samples(
        run_of(tmp_path, names, PackRecipe.model_validate(split)), tmp_path / "pack"
    )

    (entry,) = trained_on(recipe_with(source="packed"), tmp_path, None, None)

    assert (entry["dataset"], entry["licence"]) == ("CT a", "CC0-1.0")
    assert entry["split"] == f"train, projected, split train of packed set {made.fingerprint}"


def test_the_package_of_an_earlier_phase_did_not_see_the_masks_of_a_later_one(
    work: Path, tmp_path: Path
) -> None:
    recipe = recipe_with("cpu")
    first = until(recipe, recipe.fit.phases[0])

    described = [
        [each["dataset"] for each in trained_on(seen, work, tmp_path, tmp_path)]
        for seen in (recipe, first)
    ]

    assert "frontal films with human masks (N. Dong)" in described[0]
    assert "frontal films without their masks (N. Dong)" in described[1]
    assert len(recipe.fit.phases) > 1 == len(first.fit.phases)
