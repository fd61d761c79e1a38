"""The data card: what whoever trusts a packed set should know of it, as JSON and one HTML file.

Its modules are those of the Dataset Nutrition Label (Holland et al. 2018, arXiv 1805.03677):
metadata, provenance, variables, statistics, pair plots and correlations with the ground truth. Its
probabilistic model is left out: the set is made from a known geometry, not drawn from a population.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from training.channels import TRAINED, TRAINED_KEYS
from training.durable import whole_file, write_json
from training.pack.page import as_html
from training.pack.pictures import examples
from training.pack.statistics import Table, per_channel, strongest, with_channels, with_sources
from training.stage import Stage, code_version, read_manifest

PAIRS_OF = ("heart", "right_lung", "left_lung", "cardiomediastinum")
MOST_POINTS = 200
STRONGEST = 20
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Folders of the stages that a packed set was made from."""

    ingested: Path
    labelled: Path
    projected: Path


def write_data_card(stage: Stage, index: Mapping[str, Any], earlier: Earlier) -> Path:
    """Write `card.json` and `card.html` beside the shards; returns the page."""
    facts = facts_of(stage, index, earlier)
    write_json(stage.folder / "card.json", facts)
    page = stage.folder / "card.html"
    text = as_html(facts, examples(stage.folder, index["shards"]))
    with whole_file(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return page


def facts_of(stage: Stage, index: Mapping[str, Any], earlier: Earlier) -> Facts:
    """Everything that the card says, ready for JSON; numbers that cannot be known are null."""
    manifests = {
        "ingest": read_manifest(earlier.ingested),
        "label": read_manifest(earlier.labelled),
        "project": read_manifest(earlier.projected),
        "pack": read_manifest(stage.folder),
    }
    table = _table(stage)
    return {
        "metadata": _metadata(index, table),
        "provenance": _provenance(stage, manifests),
        "acquisition": _acquisition(stage, manifests["ingest"]),
        "variables": _variables(),
        "statistics": per_channel(table),
        "splits": index["counts"],
        "pair_plots": _pair_plots(table),
        "correlations": _correlations(table),
        "exclusions": _exclusions(manifests),
    }


def _table(stage: Stage) -> Table:
    areas, subjects, sources = [], [], []
    for name, item in sorted(stage.items.items()):
        with np.load(stage.folder / item["areas"]) as file:
            own = file["areas"].astype(np.float64)
        areas.append(own)
        subjects += [name] * len(own)
        sources += [str(item.get("source", "not stated"))] * len(own)
    stacked = np.concatenate(areas) if areas else np.empty((0, len(TRAINED_KEYS)))
    return Table(TRAINED_KEYS, stacked, tuple(subjects), tuple(sources))


def _metadata(index: Mapping[str, Any], table: Table) -> Facts:
    return {
        "title": "Packed chest radiographs with anatomical masks",
        "version": index["version"],
        "label_version": index["labels"],
        "code_version": code_version(),
        "samples": len(table.areas),
        "items": len(set(table.subjects)),
        "channels": len(TRAINED_KEYS),
        "format": "WebDataset shards (tar of npy, npz, json), index.json with SHA-256 hashes",
        "views": dict(sorted(Counter(v for s in index["shards"] for v in s["views"]).items())),
    }


def _provenance(stage: Stage, manifests: Mapping[str, Mapping[str, Any]]) -> Facts:
    counted: dict[tuple[str, str], list[int]] = {}
    for item in stage.items.values():
        origin = (str(item.get("source", "not stated")), str(item.get("licence", "not stated")))
        counted.setdefault(origin, []).append(sum(s["samples"] for s in item["shards"]))
    sources = [
        {"source": source, "licence": licence, "items": len(samples), "samples": sum(samples)}
        for (source, licence), samples in sorted(counted.items())
    ]
    words = ("fingerprint", "code_version", "settings")
    stages = [
        {"stage": name, **{word: manifest.get(word) for word in words}}
        for name, manifest in manifests.items()
    ]
    return {"sources": sources, "stages": stages}


def _acquisition(stage: Stage, ingest: Mapping[str, Any]) -> list[Facts]:
    """One entry a field of the CT headers: range and median of numbers, counts of words."""
    volumes = [ingest.get("items", {}).get(name, {}) for name in stage.items]
    stated = [volume["acquisition"] for volume in volumes if volume.get("acquisition")]
    fields = sorted({field for acquisition in stated for field in acquisition})
    return [_field(field, [a.get(field) for a in stated]) for field in fields]


def _field(field: str, values: Sequence[Any]) -> Facts:
    given = [value for value in values if value is not None]
    entry: Facts = {"field": field, "stated": len(given), "not_stated": len(values) - len(given)}
    if given and all(isinstance(v, list | tuple) for v in given):
        axes = [_range(axis) for axis in zip(*given, strict=True)]
        return entry | {"axes_z_y_x": axes}
    if given and all(isinstance(v, int | float) and not isinstance(v, bool) for v in given):
        return entry | _range(given)
    return entry | {"counts": dict(sorted(Counter(str(value) for value in given).items()))}


def _range(values: Sequence[float]) -> Facts:
    return {"min": min(values), "median": median(values), "max": max(values)}


def _variables() -> list[Facts]:
    pictures = [
        {"name": "water", "meaning": "line integral of water-like attenuation; grey of films"},
        {"name": "bone", "meaning": "line integral of bone-like attenuation; films have none"},
    ]
    return pictures + [
        {
            "name": channel.key,
            "meaning": f"{channel.kind}, {channel.views} views"
            + (f", from {channel.minimum_path_mm:g} mm on" if channel.minimum_path_mm else ""),
        }
        for channel in TRAINED
    ]


def _pair_plots(table: Table) -> list[Facts]:
    """Areas of two channels in the samples that know both, evenly thinned."""
    plots = []
    for x, y in combinations([key for key in PAIRS_OF if key in table.keys], 2):
        pair = table.areas[:, [table.keys.index(x), table.keys.index(y)]]
        known = pair[~np.isnan(pair).any(axis=1)]
        if len(known):
            thinned = known[:: -(-len(known) // MOST_POINTS)]
            plots.append({"x": x, "y": y, "points": thinned.round(4).tolist()})
    return plots


def _correlations(table: Table) -> Facts:
    classes = with_channels(table)
    sources, by_source = with_sources(table)
    return {
        "of": "share of the picture covered, over samples that know both",
        "channels": list(table.keys),
        "class_by_class": _numbers(classes),
        "sources": list(sources),
        "class_by_source": _numbers(by_source),
        "strongest_pairs": strongest(table.keys, classes, STRONGEST),
    }


def _numbers(matrix: Any) -> list[list[float | None]]:  # noqa: ANN401 - a float array
    return [[None if np.isnan(v) else round(float(v), 3) for v in row] for row in matrix]


def _exclusions(manifests: Mapping[str, Mapping[str, Any]]) -> list[Facts]:
    """Everything that was there at the beginning and is not in the set, with the reason."""
    found = [entry for name, manifest in manifests.items() for entry in _left_out(name, manifest)]
    labelled, projected = (manifests[stage].get("items", {}) for stage in ("label", "project"))
    tried = {*projected, *manifests["project"].get("failed", {})}
    return found + [
        {"stage": "project", "item": name, "reason": "left out by the recipe"}
        for name, item in sorted(labelled.items())
        if "known" in item and name not in tried
    ]


def _left_out(stage: str, manifest: Mapping[str, Any]) -> Iterable[Facts]:
    for name, item in sorted(manifest.get("items", {}).items()):
        if "failed" in item:
            yield {"stage": stage, "item": name, "reason": item["failed"]}
    for name, entry in sorted(manifest.get("failed", {}).items()):
        yield {"stage": stage, "item": name, "reason": entry["reason"]}


def read_data_card(folder: Path) -> Facts:
    """The card of a packed set."""
    facts: Facts = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return facts
