import json
from pathlib import Path

import numpy as np
import pytest

from training.channels import Layer
from training.ingest.volume import Volume
from training.label.labelled import LabelledVolume
from training.label.stage import Labelling, label, label_volume, matching
from training.label.total_ids import EVERY_ID, HEART, LOBES, T1
from training.stage import read_manifest


def test_rules_alone_know_lungs_and_leave_heart_and_bones_absent_knowledge(phantom: Volume) -> None:
    found = label_volume(phantom)
    assert {"right_lung", "left_lung"} <= found.known
    assert not {"heart", "aorta", "clavicle_left", "ribs", "spine", *_lobe_keys()} & found.known
    right, left = (np.nonzero(found.mask(key))[2] for key in ("right_lung", "left_lung"))
    assert right.max() < left.min()


def test_labels_survive_writing_and_reading(tmp_path: Path, phantom: Volume) -> None:
    found = label_volume(phantom)
    found.save(tmp_path / "a.npz")
    back = LabelledVolume.load(tmp_path / "a.npz")
    assert back.known == found.known
    assert set(back.layers) == set(Layer)
    assert all((back.layers[layer] == found.layers[layer]).all() for layer in Layer)


@pytest.fixture
def ingested(tmp_path: Path, phantom: Volume) -> Path:
    """One volume with labels, one without, and one that is no chest."""
    folder = tmp_path / "ingest"
    folder.mkdir()
    volumes = {
        "labelled": Volume(phantom.hu, phantom.spacing_mm, ids_of(phantom)),
        "plain": phantom,
        "water": Volume(np.zeros_like(phantom.hu), phantom.spacing_mm),
    }
    items = {}
    for name, volume in volumes.items():
        volume.save(folder / f"{name}.npz")
        items[name] = {"key": name, "source": "phantom", "licence": "none"}
    (folder / "manifest.json").write_text(json.dumps({"fingerprint": "f", "items": items}))
    return folder


def ids_of(phantom: Volume) -> np.ndarray:
    """The phantom's lungs as lobes, its heart and one vertebra that runs all the way down."""
    rules = label_volume(phantom)
    ids = np.zeros(phantom.hu.shape, np.uint8)
    ids[rules.mask("left_lung")], ids[rules.mask("right_lung")] = LOBES[0], LOBES[-1]
    ids[phantom.hu == 45], ids[phantom.hu == 500] = HEART, T1
    return ids


@pytest.mark.usefixtures("coarse_registration")
def test_a_stage_labels_what_it_can_and_names_what_is_no_chest(
    tmp_path: Path, ingested: Path
) -> None:
    labelling = Labelling(
        atlases=["labelled"],
        distrust={"plain": ["heart"]},
        members=["own", "atlas", "rules"],
        filters=False,  # the phantom's heart is rounder than any heart
    )
    label(ingested, tmp_path / "label", labelling)
    manifest = read_manifest(tmp_path / "label")
    assert set(manifest["items"]) == {"labelled", "plain"}
    assert "two separate lungs were not found" in manifest["failed"]["water"]["reason"]
    own, carried = (
        LabelledVolume.load(tmp_path / "label" / f"{name}.npz") for name in ("labelled", "plain")
    )
    assert "heart" in own.known
    assert "heart" not in carried.known
    ours, theirs = own.mask("heart"), carried.mask("heart")
    assert 2 * (ours & theirs).sum() > 0.9 * (ours.sum() + theirs.sum())
    assert (tmp_path / "label" / "plain.png").exists()


def test_a_second_run_labels_nothing_again_and_a_new_distrust_does(
    tmp_path: Path, ingested: Path
) -> None:
    folder = tmp_path / "label"
    first = Labelling(members=["rules"])
    label(ingested, folder, first)
    written = (folder / "plain.npz").stat().st_mtime_ns
    label(ingested, folder, first)
    assert (folder / "plain.npz").stat().st_mtime_ns == written
    label(ingested, folder, Labelling(members=["rules"], distrust={"plain": ["left_lung"]}))
    assert "left_lung" not in LabelledVolume.load(folder / "plain.npz").known


def test_an_own_label_map_knows_only_the_ids_that_were_looked_for(phantom: Volume) -> None:
    volume = Volume(phantom.hu, phantom.spacing_mm, ids_of(phantom), EVERY_ID - {HEART})
    assert "heart" not in label_volume(volume).known


def _lobe_keys() -> set[str]:
    lobes = {
        f"lung_{part}_lobe_{side}" for part in ("upper", "lower") for side in ("left", "right")
    }
    return lobes | {"lung_middle_lobe_right"}


def shrunken(ids: np.ndarray) -> np.ndarray:
    """The same labels with a heart of eight voxels."""
    small = np.where(ids == HEART, 0, ids)
    middle = tuple(int(axis.mean()) for axis in np.nonzero(ids == HEART))
    small[tuple(slice(at, at + 2) for at in middle)] = HEART
    return small


@pytest.fixture
def implausible(ingested: Path, phantom: Volume) -> Path:
    """The labelled volume's own heart is far too small."""
    small = shrunken(ids_of(phantom))
    Volume(phantom.hu, phantom.spacing_mm, small).save(ingested / "labelled.npz")
    return ingested


def test_a_heart_out_of_its_band_is_absent_knowledge_and_the_manifest_says_why(
    tmp_path: Path, implausible: Path
) -> None:
    found = {}
    for filters in (True, False):
        folder = tmp_path / str(filters)
        label(implausible, folder, Labelling(members=["own"], filters=filters, critic="none"))
        item = read_manifest(folder)["items"]["labelled"]
        found[filters] = LabelledVolume.load(folder / "labelled.npz"), item

    (filtered, item), (believed, plain) = found[True], found[False]
    assert "heart" in believed.known
    assert "heart" not in filtered.known | set(item["known"])
    assert not {"right_hemidiaphragm", "upper_mediastinum"} & filtered.known  # made with the heart
    assert filtered.mask("heart").sum() == 8  # its voxels stay: unknown is not background
    assert item["unknown"]["heart"].startswith("shape filter: volume_ml ")
    assert f"heart: {item['unknown']['heart']}" in item["remarks"]
    assert plain["remarks"] == []


def test_a_volume_of_too_many_doubtful_organs_is_listed_and_handed_on_to_nobody(
    tmp_path: Path, ingested: Path
) -> None:
    bands = tmp_path / "bands.csv"
    keys = ("heart", "*lung*", "vertebra_*")
    rows = [f"{key},volume_ml,90000,99000,no body is so large" for key in keys]
    bands.write_text("\n".join(["keys,feature,low,high,why", *rows]))
    folder = tmp_path / "label"
    label(ingested, folder, Labelling(members=["own"], bands=bands))

    item = read_manifest(folder)["items"]["labelled"]
    assert item["failed"].startswith("5 of 5 organs are out of their bands")
    assert "known" not in item
    assert not (folder / "labelled.npz").exists()
    assert (folder / "labelled.png").exists()
    trusting = Labelling(members=["own"], bands=bands, distrust={"labelled": list(keys)})
    assert "failed" not in label(ingested, folder, trusting).items["labelled"]


def test_what_is_off_leaves_no_trace_in_the_settings(tmp_path: Path) -> None:
    """So that volumes labelled before there were filters and critics are not labelled again."""
    off = Labelling(filters=False, critic="none").settings()
    assert set(off) == {"atlases", "members", "nnunet", "student"}
    on = Labelling()
    assert set(on.settings()) - set(off) == {"bands", "critic"}
    other = tmp_path / "bands.csv"
    other.write_text("keys,feature,low,high,why\nheart,volume_ml,1,2,ours\n")
    assert Labelling(bands=other).settings()["bands"] != on.settings()["bands"]


def test_distrust_takes_patterns_and_refuses_words_that_name_nothing() -> None:
    keys = {"posterior_rib_5_left", "anterior_rib_5_right", "heart", "ribs"}
    assert matching(["*_rib_5_*"], keys) == {"posterior_rib_5_left", "anterior_rib_5_right"}
    assert matching(["heart"], keys) == {"heart"}
    with pytest.raises(ValueError, match="no structure is called 'hart'"):
        matching(["hart"], keys)
