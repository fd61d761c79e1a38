"""`saliency`: films of which only presence is known get masks that a classifier points at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.durable import whole_file
from training.fit.augment import plain
from training.fit.dataset import FILM_SIZE, Films, read_grey
from training.fit.saliency.classifier import (
    NO_CHANNELS,
    Classifier,
    ClassifierSettings,
    saliency_maps,
    train_classifier,
)
from training.fit.saliency.masks import pseudo_mask
from training.fit.saliency.presence import PRESENCE_FILE, Presence, read_presence
from training.fit.saliency.pseudo_masked import Mask, write_masks
from training.stage import Stage, fingerprint, hash_of

CLASSIFIER = "classifier.pt"


@dataclass(frozen=True, slots=True)
class Pointing:
    """`cutoffs`: by key, the least peak of a map that is still believed; 0 where not named."""

    classifier: ClassifierSettings
    cutoffs: Mapping[str, float]


def saliency(given: Path, folder: Path, pointing: Pointing) -> Stage:
    """Write `NAME.npz` for every film of `given/presence.csv`; films that fail are named."""
    presence = read_presence(given)
    settings = {"classifier": asdict(pointing.classifier), "cutoffs": dict(pointing.cutoffs)}
    inputs = {"presence": hash_of(given / PRESENCE_FILE)}
    stage = Stage.open(folder, "saliency", settings, inputs)
    names = {path.stem: number for number, path in enumerate(presence.paths)}
    network = _classifier(presence, stage, pointing.classifier)

    def make(name: str) -> dict[str, Any]:
        number = names[name]
        masks = _masks(network, presence, number, pointing)
        grey = read_grey(presence.paths[number], FILM_SIZE)
        write_masks(folder / f"{name}.npz", grey, masks)
        return {"files": [f"{name}.npz"], "known": sorted(masks)}

    stage.each(names, make)
    return stage


def _classifier(presence: Presence, stage: Stage, settings: ClassifierSettings) -> Classifier:
    """The trained classifier, read where an earlier run with the same settings left it."""
    path = stage.folder / CLASSIFIER
    key = fingerprint(asdict(settings), stage.inputs)
    if path.exists():
        stored = torch.load(path, weights_only=True)
        if stored["key"] == key:
            network = Classifier(len(presence.keys), pretrained=False)
            network.load_state_dict(stored["weights"])
            return network.eval()
    films = Films(presence.paths, masked=False)
    network = train_classifier(films, presence.answers, settings)
    with whole_file(path) as temporary:
        torch.save({"key": key, "weights": network.state_dict()}, temporary)
    return network


def _masks(
    network: Classifier, presence: Presence, number: int, pointing: Pointing
) -> dict[str, Mask]:
    """Absent structures are known to be empty; present ones where the classifier points at."""
    film = Films([presence.paths[number]], masked=False)[0]
    empty = np.zeros(film.water.shape, dtype=bool)
    answers = dict(zip(presence.keys, presence.answers[number], strict=True))
    masks = {key: empty for key, answer in answers.items() if answer == 0}
    present = [place for place, key in enumerate(presence.keys) if answers[key] == 1]
    if not present:
        return masks
    size = pointing.classifier.size
    image = plain(film, size, NO_CHANNELS).strong
    for place, found in zip(present, saliency_maps(network, image, present), strict=True):
        key = presence.keys[place]
        square = pseudo_mask(found, (size, size), pointing.cutoffs.get(key, 0.0))
        if square is not None:
            masks[key] = unpadded(square, empty.shape)
    return masks


def unpadded(square: Mask, shape: tuple[int, ...]) -> Mask:
    """A mask on the padded square that the network saw, on the film's own (rows, columns)."""
    rows, columns = shape
    longest, side = max(rows, columns), len(square)
    places = [
        (((np.arange(n) + 0.5 + (longest - n) / 2) / longest) * side).astype(int)
        for n in (rows, columns)
    ]
    found: Mask = square[np.ix_(*places)]
    return found
