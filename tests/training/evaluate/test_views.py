"""Views as the project stage writes them, with masks that are known here."""

from pathlib import Path

import numpy as np
import pytest
import torch

from service.domain.image import ViewPosition
from service.inference.session import Segmenter
from training.channels import TRAINED_KEYS, trained_index
from training.evaluate.views import read_integrals, read_views, score_views, true_masks
from training.ingest.volume import Volume
from training.label.stage import label_volume
from training.project.masks import pack
from training.project.stage import Plan, project_subject

SIZE = 48
PA, LATERAL = ViewPosition.POSTERO_ANTERIOR, ViewPosition.LATERAL
ANTERO_POSTERIOR = ViewPosition.ANTERO_POSTERIOR
KNOWN = ("left_lung", "right_lung", "heart", "clavicle_left")


def packed(**boxes: slice) -> np.ndarray:
    """Masks of one view: each named channel fills these columns."""
    masks = torch.zeros((len(TRAINED_KEYS), SIZE, SIZE), dtype=torch.bool)
    for key, columns in boxes.items():
        masks[trained_index(key), :, columns] = True
    return pack(masks)


def available(*keys: str) -> np.ndarray:
    return np.array([key in keys for key in TRAINED_KEYS])


VIEW = packed(left_lung=slice(30, 46), right_lung=slice(2, 18), heart=slice(20, 34))


@pytest.fixture
def views(tmp_path: Path) -> Path:
    """Four views of one volume: PA, lateral, PA, PA; pixels hold the view's number."""
    numbers = np.arange(4, dtype=np.float16)[:, None, None]
    np.savez(
        tmp_path / "one.npz",
        water=numbers + np.linspace(0, 1, SIZE, dtype=np.float16)[None, None].repeat(SIZE, 1),
        bone=np.zeros((4, SIZE, SIZE), np.float16),
        masks=np.stack([VIEW] * 4),
        available=available(*KNOWN),
        rows=np.array([[0, SIZE], [0, SIZE], [4, 40], [0, SIZE]]),
        view=np.array(["PA", "LATERAL", "PA", "PA"]),
        pixel_mm=np.full(4, 0.8),
    )
    return tmp_path


def test_known_masks_are_unpacked_and_unknown_ones_left_out() -> None:
    found = true_masks(VIEW, available(*KNOWN), ["heart", "trachea", "clavicle_left"])

    assert found.keys() == {"heart", "clavicle_left"}
    assert found["heart"].sum() == 14 * SIZE
    assert found["heart"][:, 20:34].all()
    assert not found["clavicle_left"].any()


def test_a_union_is_known_when_all_its_parts_are() -> None:
    keys = ["lung", "clavicles"]

    found = true_masks(VIEW, available(*KNOWN), keys)

    assert found.keys() == {"lung"}
    assert found["lung"].sum() == (16 + 16) * SIZE


def test_every_channel_comes_back_from_its_own_bit() -> None:
    random = torch.from_numpy(np.random.default_rng(2).random((len(TRAINED_KEYS), 5, 7)) > 0.5)

    found = true_masks(pack(random), available(*TRAINED_KEYS), TRAINED_KEYS)

    for place, key in enumerate(TRAINED_KEYS):
        np.testing.assert_array_equal(found[key], random[place].numpy())


def test_only_views_of_the_wanted_position_are_taken_evenly(views: Path) -> None:
    frontal = list(read_views(views / "one.npz", ["heart"], [PA], most=2))

    assert [view.number for view in frontal] == [0, 3]
    (lateral,) = read_views(views / "one.npz", ["heart"], [LATERAL], most=9)
    assert (lateral.number, lateral.position, lateral.pixel_mm) == (1, LATERAL, 0.8)


def test_rows_that_the_scan_cannot_show_are_cut(views: Path) -> None:
    second = list(read_views(views / "one.npz", ["heart"], [PA], most=9))[1]

    assert second.pixels.shape == second.truth["heart"].shape == (36, SIZE)
    (_, integrals, _) = read_integrals(views / "one.npz", [PA], 9)
    assert integrals.water.shape == (36, SIZE)
    assert integrals.water.mean() == pytest.approx(2.5, abs=0.01)  # view 2, from 2 to 3


def test_a_view_looks_the_same_each_time(views: Path) -> None:
    first, again = (next(read_views(views / "one.npz", ["heart"], [PA], most=9)) for _ in range(2))

    np.testing.assert_array_equal(first.pixels, again.pixels)


def test_a_file_that_does_not_say_its_views_has_unknown_ones(views: Path, tmp_path: Path) -> None:
    with np.load(views / "one.npz") as file:
        rest = {name: file[name] for name in file.files if name not in ("view", "pixel_mm")}
    np.savez(tmp_path / "silent.npz", **rest)

    found = list(read_views(tmp_path / "silent.npz", ["heart"], [ViewPosition.UNKNOWN], most=9))

    assert len(found) == 4
    assert found[0].pixel_mm is None


def test_a_package_is_scored_on_the_classes_that_both_know(
    segmenter: Segmenter, views: Path
) -> None:
    scores = score_views(segmenter, views, ["one"], most=9)

    assert [score.number for score in scores] == [0, 2, 3]
    # The package names all of KNOWN; a class in sight nowhere is scored, and counts only if drawn.
    assert {each.key for each in scores[0].classes} == set(KNOWN)
    heart = next(each for each in scores[0].classes if each.key == "heart")
    assert heart.area == pytest.approx(14 / SIZE)
    counted = [each.iou for each in scores[0].classes if each.area > 0 or each.was_found]
    assert scores[0].mean_iou == pytest.approx(np.mean(counted))


def test_what_the_project_stage_writes_is_read(phantom: Volume, tmp_path: Path) -> None:
    plan = Plan(views=1, lateral_views=1, size=48, step_mm=6.0, seed=3)
    frontal, lateral = project_subject(phantom, label_volume(phantom, None), plan, "phantom")
    for name, arrays in (("frontal", frontal), ("lateral", lateral)):
        np.savez(tmp_path / f"{name}.npz", **arrays)  # type: ignore[arg-type]

    (front,) = read_views(tmp_path / "frontal.npz", TRAINED_KEYS, [PA, ANTERO_POSTERIOR], most=9)
    (side,) = read_views(tmp_path / "lateral.npz", TRAINED_KEYS, [LATERAL], most=9)

    for view in (front, side):
        assert view.truth["right_lung"].any()
        # The phantom is 360 mm wide and 320 mm high; 48 pixels show its chest.
        assert view.pixel_mm is not None
        assert 3 < view.pixel_mm < 20
    right, left = (front.truth[f"{side}_lung"].nonzero()[1].mean() for side in ("right", "left"))
    assert right < left, "the patient's right is on the picture's left"
