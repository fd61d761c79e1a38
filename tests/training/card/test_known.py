"""What the volumes could say is read from the folders of the stages."""

import json
from pathlib import Path

import numpy as np

from training.card.known import known_of
from training.channels import TRAINED_KEYS, trained_index


def write_views(path: Path, shown: str, available: tuple[str, ...]) -> None:
    masks = np.zeros((2, 4, 4, len(TRAINED_KEYS)), np.bool_)
    masks[1, 2, 3, trained_index(shown)] = True
    known = np.zeros(len(TRAINED_KEYS), np.bool_)
    known[[trained_index(key) for key in available]] = True
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, masks=np.packbits(masks, axis=-1), available=known)


def test_what_was_looked_for_and_what_is_shown_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "label").mkdir()
    items = {"a": {"known": ["heart", "liver"]}, "b": {"known": ["aorta"]}}
    (tmp_path / "label" / "manifest.json").write_text(json.dumps({"items": items}))
    write_views(tmp_path / "project" / "a.npz", "heart", ("heart", "liver"))
    write_views(tmp_path / "project" / "lateral" / "a.npz", "sternum", ("sternum",))

    frontal, lateral = (known_of(tmp_path, lateral=each) for each in (False, True))

    assert frontal.labelled == {"heart", "liver", "aorta"}
    assert frontal.seen == {"heart"}
    assert lateral.seen == {"sternum"}


def test_without_pictures_nothing_is_said_of_what_they_show(tmp_path: Path) -> None:
    assert known_of(tmp_path, lateral=False).seen is None
