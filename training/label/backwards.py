"""The atlas judged backwards: carried to a volume, and from its labels back to where it came from.

Only the atlas has labels of its own, so what it gave to another volume cannot be scored there. But
those labels, taken as an atlas themselves, can be carried back and compared with the original. The
error is then made twice, and a rib that changes its number going out and again coming back is not
seen: the pictures are there for that.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from training.ingest.volume import Volume
from training.label.atlas import Atlas, carry_labels, fit_labels
from training.label.labelled import LabelledVolume, Labels
from training.label.layers import ids_of
from training.label.members.rules import RulesMember
from training.label.port import Setting, Subject
from training.label.rules import Rules, apply_rules
from training.label.total_ids import (
    EVERY_ID,
    LEFT_LOBES,
    LEFT_LUNG,
    LEFT_RIBS,
    RIGHT_LOBES,
    RIGHT_LUNG,
    RIGHT_RIBS,
    TRACHEA,
    VERTEBRAE,
)
from training.label.vote import dice
from training.stage import Stage, read_manifest

FEWEST_VOXELS = 200  # a class of which the atlas shows less is not scored
RULES = "rules"


@dataclass(frozen=True, slots=True)
class _Home:
    """The volume with labels of its own."""

    name: str
    volume: Volume
    labels: Labels
    rules: Rules


def judge_backwards(ingested: Path, labelled: Path, folder: Path, atlas: str) -> Stage:
    """Score every labelled volume (an item each) and the rules by the atlas's own labels."""
    source = read_manifest(labelled)
    stage = Stage.open(folder, "label-report", {"atlas": atlas}, {}, source["items"])
    home = _home(ingested, atlas)

    def make(name: str) -> dict[str, Any]:
        if name == RULES:
            return {"dice": _score_rules(home)}
        volume = Volume.load(ingested / f"{name}.npz")
        return {"dice": _score(home, volume, LabelledVolume.load(labelled / f"{name}.npz"))}

    labelled_ones = [name for name, item in source["items"].items() if "known" in item]
    stage.each([RULES, *(name for name in labelled_ones if name != atlas)], make)
    return stage


def _home(ingested: Path, name: str) -> _Home:
    volume = Volume.load(ingested / f"{name}.npz")
    if volume.labels is None:
        raise ValueError(f"{name} has no labels of its own to be judged by")
    return _Home(name, volume, volume.labels, apply_rules(volume))


def _score(home: _Home, volume: Volume, found: LabelledVolume) -> dict[str, float]:
    """Dice by class id of what comes back from one volume."""
    ids = ids_of(found)
    labelled = Volume(volume.hu, volume.spacing_mm, ids)
    carried = carry_labels(Atlas.of(labelled, EVERY_ID), home.volume, home.rules)
    back = fit_labels(carried.labels, home.volume, home.rules)
    shown = set(np.unique(ids).tolist())
    return {
        str(label): round(dice(home.labels == label, back == label), 3)
        for label in _scored(home.labels)
        if label in shown
    }


def _score_rules(home: _Home) -> dict[str, float]:
    """Dice of both lungs and the airway as the rules see them in the atlas itself."""
    subject = Subject(home.name, home.volume, home.rules)
    found = RulesMember(Setting()).propose(subject).labels
    wholes = {LEFT_LUNG: LEFT_LOBES, RIGHT_LUNG: RIGHT_LOBES, TRACHEA: (TRACHEA,)}
    return {
        str(label): round(dice(np.isin(home.labels, parts), found == label), 3)
        for label, parts in wholes.items()
    }


def _scored(labels: Labels) -> list[int]:
    counts = np.bincount(labels.ravel(), minlength=256)
    return [label for label in range(1, 119) if counts[label] >= FEWEST_VOXELS]


GROUPS: Mapping[str, tuple[int, ...]] = {
    "left ribs 1-12": LEFT_RIBS,
    "right ribs 1-12": RIGHT_RIBS,
    "vertebrae": VERTEBRAE,
    "scapulae": (71, 72),
    "clavicles": (73, 74),
    "sternum": (116,),
    "costal cartilages": (117, 118),
    "left upper, lower lobe": LEFT_LOBES,
    "right upper, middle, lower lobe": RIGHT_LOBES,
    "heart": (51,),
    "aorta": (52,),
    "trachea": (16,),
    "oesophagus": (15,),
    "superior vena cava": (62,),
    "inferior vena cava": (63,),
    "liver": (5,),
    "stomach": (6,),
    "spleen": (1,),
    "kidneys": (2, 3),
}


def as_table(items: Mapping[str, Mapping[str, Any]]) -> str:
    """Markdown: a row a group of classes, a column a volume, mean Dice; the worst class beside."""
    names = [name for name in items if name != RULES]
    lines = [
        "| classes | median | worst | " + " | ".join(names) + " |",
        "| --- |" + " ---: |" * (len(names) + 2),
    ]
    for group, labels in GROUPS.items():
        means = [_mean(items[name]["dice"], labels) for name in names]
        there = [mean for mean in means if mean is not None]
        if there:
            figures = " | ".join("-" if mean is None else f"{mean:.2f}" for mean in means)
            worst = _worst(items, names, labels)
            lines.append(f"| {group} | {median(there):.2f} | {worst:.2f} | {figures} |")
    rules = items.get(RULES, {}).get("dice", {})
    words = {str(LEFT_LUNG): "left lung", str(RIGHT_LUNG): "right lung", str(TRACHEA): "airway"}
    scores = ", ".join(f"{words[label]} {value:.3f}" for label, value in rules.items())
    return "\n".join([*lines, "", f"`rules`, scored on the atlas itself: {scores}."])


def _mean(scores: Mapping[str, float], labels: Iterable[int]) -> float | None:
    found = [scores[str(label)] for label in labels if str(label) in scores]
    return fmean(found) if found else None


def _worst(
    items: Mapping[str, Mapping[str, Any]], names: Iterable[str], labels: Iterable[int]
) -> float:
    keys = [str(label) for label in labels]
    scores: list[Mapping[str, float]] = [items[name]["dice"] for name in names]
    return min(score[key] for score in scores for key in keys if key in score)


def write_table(page: Path, table: str) -> None:
    """Put the table between its two marks in a page; raises ValueError where they are missing."""
    begin, end = "<!-- label-report -->", "<!-- /label-report -->"
    text = page.read_text(encoding="utf-8")
    if begin not in text or end not in text:
        raise ValueError(f"{page} has no {begin} ... {end}")
    head, _, rest = text.partition(begin)
    page.write_text(f"{head}{begin}\n{table}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def as_json(items: Mapping[str, Mapping[str, Any]]) -> str:
    """Every class's score."""
    return json.dumps({name: item["dice"] for name, item in items.items()}, indent=1)
