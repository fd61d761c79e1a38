"""The files of the project stage."""

from pathlib import Path

import numpy as np
import pytest

from training.channels import TRAINED, TRAINED_KEYS, trained_index
from training.ingest.volume import Volume
from training.label.stage import Labelling, label, label_volume
from training.project.masks import unpack
from training.project.stage import Arrays, Plan, project_subject, project_views
from training.stage import Stage

PLAN = Plan(views=2, lateral_views=3, size=48, step_mm=6.0, seed=3)


@pytest.fixture(scope="module")
def projected(phantom: Volume) -> tuple[Arrays, Arrays]:
    return project_subject(phantom, label_volume(phantom, None), PLAN, "phantom")


def test_frontal_and_lateral_views_are_kept_apart(projected: tuple[Arrays, Arrays]) -> None:
    frontal, lateral = projected

    assert set(frontal["view"].tolist()) <= {"PA", "AP"}
    assert lateral["view"].tolist() == ["LATERAL"] * 3
    assert (lateral["pixel_mm"] > 0).all()
    for arrays, views in ((frontal, 2), (lateral, 3)):
        assert arrays["water"].shape == arrays["bone"].shape == (views, 48, 48)
        assert arrays["masks"].shape == (views, 48, 48, (len(TRAINED) + 7) // 8)
        assert arrays["rows"].shape == (views, 2)
        assert arrays["available"].shape == (len(TRAINED),)


def test_lungs_are_seen_in_both_views_their_fields_only_in_frontal_ones(
    projected: tuple[Arrays, Arrays],
) -> None:
    for arrays in projected:
        masks = unpack(arrays["masks"][0], len(TRAINED))
        assert masks[trained_index("right_lung")].any()
        assert masks[trained_index("left_lung")].any()
    lost = set(np.flatnonzero(projected[0]["available"] & ~projected[1]["available"]))
    assert lost <= {TRAINED_KEYS.index("right_lung_field"), TRAINED_KEYS.index("left_lung_field")}


def test_the_same_plan_gives_the_same_views(phantom: Volume) -> None:
    labels = label_volume(phantom, None)

    first = project_subject(phantom, labels, PLAN, "phantom")[0]
    second = project_subject(phantom, labels, PLAN, "phantom")[0]
    other = project_subject(phantom, labels, PLAN, "another")[0]

    assert np.array_equal(first["water"], second["water"])
    assert not np.array_equal(first["water"], other["water"])


def test_a_volume_that_is_left_out_makes_no_other_one_again(
    phantom: Volume, tmp_path: Path
) -> None:
    work = {name: tmp_path / name for name in ("ingest", "label", "project")}
    Stage.open(work["ingest"], "ingest", {}, {}).each(
        ("kept", "left"), lambda name: phantom.save(work["ingest"] / f"{name}.npz")
    )
    label(work["ingest"], work["label"], Labelling(members=["rules"]))
    plan = Plan(views=1, lateral_views=0, size=48, step_mm=6.0, seed=1)

    both = project_views(work["ingest"], work["label"], work["project"], plan, ())
    written = (work["project"] / "kept.npz").stat().st_mtime_ns
    one = project_views(work["ingest"], work["label"], work["project"], plan, ("left",))

    assert set(both.items) == {"kept", "left"}
    assert set(one.items) == {"kept"}
    assert (work["project"] / "kept.npz").stat().st_mtime_ns == written
    assert one.fingerprint != both.fingerprint
