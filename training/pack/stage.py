"""`pack`: one subject's samples to its shards, the areas of all channels beside them, an index.

A shard holds samples of one subject or of one group of films, so a volume more or less touches its
own shards alone, and a damaged file costs one subject.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED_KEYS, trained_index
from training.durable import whole_file, write_json
from training.experiment import FilmsRecipe, PackRecipe
from training.films import training_films, validation_films
from training.pack.data_card import Earlier, write_data_card
from training.pack.index import AREAS, FILM, FORMAT, INDEX, PROJECTION, areas_file
from training.pack.shard import PackedSample, write_shard
from training.pack.sources import films, projected
from training.pack.split import Split, splits
from training.stage import Stage, fingerprint, hash_of, read_manifest

PARTS = (*Split, AREAS)
FILMS_TOGETHER = 64
FILM_SOURCE = "frontal films with human masks"
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class PackRun:
    """Folders of the earlier stages and of films (None: no films), and what the recipe says."""

    ingested: Path
    labelled: Path
    projected: Path
    films: Path | None
    recipe: PackRecipe
    film_recipe: FilmsRecipe
    film_licence: str


def pack_samples(run: PackRun, folder: Path) -> Stage:
    """Write `<split>/<item>-<n>.tar`, `areas/<item>.npz`, `index.json` and the data card."""
    views = read_manifest(run.projected)["items"]
    given = _subjects(run, views) | _film_groups(run)
    settings = {
        "recipe": run.recipe.model_dump(mode="json"),
        "channels": fingerprint(TRAINED_KEYS),
        "format": FORMAT,
    }
    upstream = {name: entry.upstream for name, entry in given.items()}
    stage = Stage.open(folder, "pack", settings, {}, upstream)
    for part in PARTS:
        (folder / part).mkdir(exist_ok=True)
    with stage.locked():
        _remove_cut(stage)
    stage.each(given, partial(_make, folder, run, given))
    with stage.locked():
        _remove_others(stage)
    index = index_of(stage, run)
    write_json(folder / INDEX, index)
    write_data_card(stage, index, Earlier(run.ingested, run.labelled, run.projected))
    return stage


@dataclass(frozen=True, slots=True)
class _Given:
    """One item: its split, what it hands on, and for films which ones."""

    split: Split
    upstream: Mapping[str, Any]
    paths: tuple[Path, ...] = ()


def _subjects(run: PackRun, views: Mapping[str, Mapping[str, Any]]) -> dict[str, _Given]:
    ingested = read_manifest(run.ingested)["items"]
    patients = {name: str(ingested[name].get("patient", name)) for name in views}
    # A subject's split is part of its key: moving it makes its shards anew.
    return {
        name: _Given(split, {**views[name], "key": fingerprint(views[name]["key"], split)})
        for name, split in splits(patients, run.recipe).items()
    }


def _film_groups(run: PackRun) -> dict[str, _Given]:
    """Films that may be trained on and those that choose checkpoints; scoring films stay out."""
    if run.films is None:
        return {}
    train = training_films(run.films, run.film_recipe)
    kept = validation_films(run.films, run.film_recipe)
    groups = {}
    for split, paths in ((Split.TRAIN, train), (Split.VALIDATION, kept)):
        for number, group in enumerate(_batched(_there(paths), FILMS_TOGETHER)):
            key = fingerprint(*(hash_of(file) for path in group for file in _files(path)))
            origin = {"key": key, "source": FILM_SOURCE, "licence": run.film_licence}
            groups[f"films-{split}-{number:03d}"] = _Given(split, origin, group)
    return groups


def _there(paths: Iterable[Path]) -> Iterator[Path]:
    return (path for path in paths if all(file.exists() for file in _files(path)))


def _files(path: Path) -> tuple[Path, Path]:
    return path, path.with_name(f"{path.stem}.mask.png")


def _make(folder: Path, run: PackRun, given: Mapping[str, _Given], name: str) -> dict[str, Any]:
    entry = given[name]
    samples = films(entry.paths) if entry.paths else projected(run.projected, name)
    areas: list[npt.NDArray[np.float32]] = []
    shards = []
    for number, group in enumerate(_batched(samples, run.recipe.shard_samples)):
        path = folder / entry.split / f"{name}-{number:03d}.tar"
        blocks = write_shard(path, group)
        areas += [areas_of(sample) for sample in group]
        shards.append(
            {
                "file": str(path.relative_to(folder)),
                "samples": len(group),
                "bytes": path.stat().st_size,
                "sha256": hash_of(path),
                "views": [sample.view for sample in group],
                "known": {sample.view: sample.known for sample in group},
                "blocks": [astuple(block) for block in blocks],
            }
        )
    beside = areas_file(name)
    with whole_file(folder / beside) as temporary:
        np.savez_compressed(temporary, areas=np.stack(areas))
    return {
        "split": entry.split,
        "kind": FILM if entry.paths else PROJECTION,
        "shards": shards,
        "areas": str(beside),
        "files": [*(shard["file"] for shard in shards), str(beside)],
    }


def areas_of(sample: PackedSample) -> npt.NDArray[np.float32]:
    """Share of the picture that each channel covers, float32 (taught channels,); NaN: unknown."""
    bits = np.unpackbits(sample.masks, axis=-1, count=len(TRAINED_KEYS))
    areas: npt.NDArray[np.float32] = bits.mean(axis=(0, 1), dtype=np.float32)
    unknown = np.ones(len(areas), dtype=bool)
    unknown[[trained_index(key) for key in sample.known]] = False
    areas[unknown] = np.nan
    return areas


def _batched(things: Iterable[Thing], size: int) -> Iterator[tuple[Thing, ...]]:
    rest = iter(things)
    while group := tuple(islice(rest, size)):
        yield group


def _remove_cut(stage: Stage) -> None:
    """Remove shards that something has cut off since: they are then made again."""
    for item in stage.items.values():
        for shard in item["shards"]:
            path = stage.folder / shard["file"]
            if path.exists() and path.stat().st_size != shard["bytes"]:
                path.unlink()


def _remove_others(stage: Stage) -> None:
    """Remove files of subjects that left the set or moved to another split."""
    own = {stage.folder / file for item in stage.items.values() for file in item["files"]}
    for part in PARTS:
        for path in set((stage.folder / part).iterdir()) - own:
            path.unlink()


def index_of(stage: Stage, run: PackRun) -> dict[str, Any]:
    """All shards with split, subject, hash and counts; the channels by bit; the labels' version."""
    shards = [
        {**shard, "item": name, "split": item["split"], "kind": item["kind"]}
        for name, item in sorted(stage.items.items())
        for shard in item["shards"]
    ]
    return {
        "format": FORMAT,
        "version": stage.fingerprint,
        "labels": read_manifest(run.labelled).get("fingerprint", "unknown"),
        "channels": TRAINED_KEYS,
        "counts": {split: _count(shards, split) for split in Split},
        "shards": shards,
    }


def _count(shards: Sequence[Mapping[str, Any]], split: Split) -> dict[str, int]:
    own = [shard for shard in shards if shard["split"] == split]
    return {
        "items": len({shard["item"] for shard in own}),
        "samples": sum(shard["samples"] for shard in own),
        "bytes": sum(shard["bytes"] for shard in own),
    }
