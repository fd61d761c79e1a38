from pathlib import Path

import numpy as np
from PIL import Image

from training.channels import EXPERT_KEYS, TRAINED, TRAINED_KEYS, trained_index
from training.fit.dataset import Films, Projections, film_side
from training.project.masks import unpack


def _write_views(folder: Path, name: str) -> None:
    np.savez(
        folder / f"{name}.npz",
        water=np.ones((2, 8, 8), np.float16),
        bone=np.zeros((2, 8, 8), np.float16),
        masks=np.zeros((2, 8, 8, (len(TRAINED) + 7) // 8), np.uint8),
        rows=np.array([[0, 8], [2, 6]]),
        available=np.ones(len(TRAINED), bool),
    )


def _unknown(sample_known: np.ndarray) -> set[str]:
    return {key for key, known in zip(TRAINED_KEYS, sample_known, strict=True) if not known}


def test_ignored_channels_are_unknown_for_that_subject_only(tmp_path: Path) -> None:
    _write_views(tmp_path, "a")
    _write_views(tmp_path, "b")
    views = Projections(tmp_path, {"a": ["trachea"]})
    assert [_unknown(views[i].known) for i in (0, 2)] == [{"trachea"}, set()]


def test_what_films_define_is_unknown_on_every_projection(tmp_path: Path) -> None:
    _write_views(tmp_path, "a")
    views = Projections(tmp_path, {}, EXPERT_KEYS)
    assert _unknown(views[0].known) == set(EXPERT_KEYS)


def test_rows_that_the_scan_cannot_show_are_cut(tmp_path: Path) -> None:
    _write_views(tmp_path, "a")
    views = Projections(tmp_path, {})
    assert [views[i].water.shape for i in (0, 1)] == [(8, 8), (4, 8)]


def test_red_is_the_left_lung_green_the_right_and_blue_the_heart(tmp_path: Path) -> None:
    colours = np.zeros((320, 320, 3), np.uint8)
    colours[100:200, 50:120, 1] = 255  # right lung: on the left of the picture
    colours[100:200, 200:270, 0] = 255
    colours[150:220, 130:190, 2] = 255
    Image.fromarray(colours).save(tmp_path / "000.mask.png")
    Image.fromarray(colours[..., 0]).save(tmp_path / "000.png")
    sample = Films([tmp_path / "000.png"], masked=True)[0]
    masks = unpack(sample.packed, len(TRAINED))
    columns = {key: np.nonzero(masks[trained_index(key)])[1] for key in EXPERT_KEYS}
    assert columns["right_lung_field"].max() < columns["heart"].min()
    assert columns["heart"].max() < columns["left_lung_field"].min()
    assert set(TRAINED_KEYS) - _unknown(sample.known) == set(EXPERT_KEYS)


def test_a_film_without_masks_knows_nothing(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((64, 48), np.uint8)).save(tmp_path / "a.png")
    sample = Films([tmp_path / "a.png"], masked=False)[0]
    assert not sample.known.any()
    assert sample.water.shape == (320, 240)


def test_a_larger_canvas_gets_larger_films(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((64, 48), np.uint8)).save(tmp_path / "a.png")
    sample = Films([tmp_path / "a.png"], masked=False, side=film_side(384))[0]
    assert sample.water.shape == (480, 360)


def test_a_lung_field_drawn_on_behind_the_heart_is_taught_as_far_as_the_heart(
    tmp_path: Path,
) -> None:
    colours = np.zeros((40, 40, 3), np.uint8)
    colours[:, 20:] = (255, 0, 0)
    colours[10:30, 15:30, 2] = 255
    Image.fromarray(colours[..., 0]).save(tmp_path / "000.png")
    Image.fromarray(colours).save(tmp_path / "000.mask.png")
    sample = Films([tmp_path / "000.png"], masked=True)[0]
    masks = unpack(sample.packed, len(TRAINED))
    field, heart = (masks[trained_index(key)] for key in ("left_lung_field", "heart"))
    assert not (field & heart).any()
    assert field[:, -1].all()
    assert heart[field.shape[0] // 2, field.shape[1] // 2]
