"""The phases of a recipe: which of them may go on where an earlier run stopped."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.training.pack.sets import run_of
from training.experiment import FilmsRecipe, FitRecipe, PackRecipe, Phase
from training.fit.checkpoint import LAST
from training.fit.stage import (
    FilmFolders,
    FitRun,
    bare_films,
    fit_phases,
    forget_other_run,
    material,
    phase_fingerprint,
)
from training.fit.views.packed import PackedViews
from training.fit.views.projected import ProjectedViews
from training.pack.stage import pack_samples
from training.stage import fingerprint, read_manifest

ALL_TRAIN = PackRecipe(validation_share=0, test_share=0)
PHASE = Phase(name="only", steps=2, learning_rate=5e-3, projections=1)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    pack_samples(run_of(tmp_path, {"a": "a", "b": "b"}, ALL_TRAIN), tmp_path / "pack")
    return tmp_path


def run(work: Path, source: str) -> FitRun:
    recipe = FitRecipe.model_validate({
        "batch": 2, "size": 32, "threads": 1, "workers": 0, "network_settings": {"width": 8},
        "phases": [PHASE], "source": source,
    })  # fmt: skip
    views = (
        PackedViews(work / "pack", recipe, lateral=False)
        if source == "packed"
        else ProjectedViews(work / "project", recipe, lateral=False)
    )
    films = FilmsRecipe(score_from=0, score_to=1)
    return FitRun(views, work / f"fit-{source}", recipe, films, FilmFolders())


def test_a_checkpoint_of_other_settings_is_not_resumed(tmp_path: Path) -> None:
    checkpoint = tmp_path / LAST
    checkpoint.write_bytes(b"weights")
    forget_other_run(tmp_path, "first")
    assert not checkpoint.exists()
    checkpoint.write_bytes(b"weights")
    forget_other_run(tmp_path, "first")
    assert checkpoint.exists()
    forget_other_run(tmp_path, "second")
    assert not checkpoint.exists()


def test_both_sources_end_with_the_same_weights_and_say_what_they_read(work: Path) -> None:
    runs = {source: run(work, source) for source in ("projected", "packed")}

    weights = [torch.load(fit_phases(each), weights_only=True)["teacher"] for each in runs.values()]

    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
    for source, stage in (("projected", "project"), ("packed", "pack")):
        inputs = read_manifest(runs[source].folder)["inputs"]
        assert inputs == {stage: read_manifest(work / stage)["fingerprint"]}


def test_a_phase_from_shards_begins_anew_when_the_set_is_packed_otherwise(work: Path) -> None:
    before = {source: phase_fingerprint(run(work, source), PHASE) for source in
              ("packed", "projected")}  # fmt: skip

    other = ALL_TRAIN.model_copy(update={"validation": ["b"]})
    pack_samples(run_of(work, {"a": "a", "b": "b"}, other), work / "pack")

    assert phase_fingerprint(run(work, "packed"), PHASE) != before["packed"]
    assert phase_fingerprint(run(work, "projected"), PHASE) == before["projected"]


def test_a_run_of_before_there_were_sources_is_still_the_same_run(work: Path) -> None:
    projected = run(work, "projected")
    said = projected.recipe.model_dump(mode="json")
    for key in ("source", "phases", "threads", "workers"):
        del said[key]
    own = json.loads(PHASE.model_dump_json(exclude_defaults=True))

    expected = fingerprint(read_manifest(work / "project")["fingerprint"], said, own, "")

    assert phase_fingerprint(projected, PHASE) == expected


def test_films_lend_their_pictures_without_their_masks_but_never_those_that_score(
    work: Path, tmp_path: Path
) -> None:
    films, others = tmp_path / "films", tmp_path / "others"
    for folder, names in ((films, ["000", "001", "002"]), (others, ["a"])):
        folder.mkdir()
        for name in names:
            Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(
                folder / f"{name}.png"
            )
    given = replace(
        run(work, "projected"),
        folders=FilmFolders(masked=films, unlabelled=others),
        films=FilmsRecipe(score_from=2, score_to=2, validate_every=10),
    )
    assert [path.name for path in bare_films(given)] == ["a.png", "000.png", "001.png"]

    phase = PHASE.model_copy(update={"unlabelled": 0.5, "tones": 0.5})
    sources = material(given, phase)

    assert len(sources.sources["unlabelled"]) == 3
    assert not sources.sources["unlabelled"].known.any()
    assert sources.tones is not None
    assert len(sources.tones.quantiles) == 3


def test_a_finished_phase_teaches_a_later_one_about_films(work: Path, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    grey = np.random.default_rng(1).integers(0, 255, (48, 48), dtype=np.uint8)
    Image.fromarray(grey).save(others / "a.png")
    plain = run(work, "projected")
    later = PHASE.model_copy(
        update={"name": "later", "start": "only", "tutor": "only", "unlabelled": 1.0}
    )
    recipe = plain.recipe.model_copy(update={"phases": [PHASE, later]})
    given = replace(plain, recipe=recipe, folders=FilmFolders(unlabelled=others))

    before = phase_fingerprint(given, later)
    found = torch.load(fit_phases(given), weights_only=True)

    assert found["step"] == later.steps
    assert before != phase_fingerprint(given, later.model_copy(update={"tutor": None}))
