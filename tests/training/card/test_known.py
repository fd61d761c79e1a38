"""What the volumes could say is read from the folders of the stages."""

import json
from pathlib import Path

import numpy as np

from training.card.known import known_of
from training.channels import TRAINED_KEYS, trained_index
from training.experiment import FitRecipe, Phase
from training.fit.views.projected import ProjectedViews


def write_views(path: Path, shown: str, available: tuple[str, ...]) -> None:
    masks = np.zeros((2, 4, 4, len(TRAINED_KEYS)), np.bool_)
    masks[1, 2, 3, trained_index(shown)] = True
    known = np.zeros(len(TRAINED_KEYS), np.bool_)
    known[[trained_index(key) for key in available]] = True
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, masks=np.packbits(masks, axis=-1), available=known)


def views_of(work: Path, *, lateral: bool = False, **changes: object) -> ProjectedViews:
    phase = Phase(name="only", steps=1, learning_rate=0.1, projections=1)
    recipe = FitRecipe.model_validate({"batch": 2, "size": 32, "phases": [phase], **changes})
    return ProjectedViews(work / "project", recipe, lateral=lateral)


def write_manifest(folder: Path, items: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"items": items}))


def test_what_was_looked_for_and_what_is_shown_are_told_apart(tmp_path: Path) -> None:
    write_manifest(
        tmp_path / "label", {"a": {"known": ["heart", "liver"]}, "b": {"known": ["aorta"]}}
    )
    write_manifest(tmp_path / "project", {"a": {}})
    write_views(tmp_path / "project" / "a.npz", "heart", ("heart", "liver"))
    write_views(tmp_path / "project" / "lateral" / "a.npz", "sternum", ("sternum",))

    frontal, lateral = (
        known_of(tmp_path, views_of(tmp_path, lateral=each)) for each in (False, True)
    )

    assert frontal.labelled == {"heart", "liver", "aorta"}
    assert frontal.seen == {"heart"}
    assert lateral.seen == {"sternum"}


def test_what_only_a_held_out_volume_shows_was_not_seen_in_training(tmp_path: Path) -> None:
    write_manifest(tmp_path / "project", {"a": {}, "b": {}})
    for name, key in (("a", "heart"), ("b", "sternum")):
        write_views(tmp_path / "project" / f"{name}.npz", key, (key,))

    held_out = views_of(tmp_path, validate_on={"subjects": ["b"]})

    assert known_of(tmp_path, held_out).seen == {"heart"}


def test_without_pictures_nothing_is_said_of_what_they_show(tmp_path: Path) -> None:
    assert known_of(tmp_path, views_of(tmp_path)).seen is None
