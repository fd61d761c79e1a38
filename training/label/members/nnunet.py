"""A trained nnU-Net model folder, run by nnunetv2 where that is installed.

The folder is nnU-Net's own (`dataset.json`, `plans.json`, `fold_*`), with one file more:
`class_ids.json`, an object from the model's label numbers to TotalSegmentator v2 ids.
"""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.label.labelled import Labels
from training.label.port import MEMBERS, MemberUnavailable, Proposal, Setting, Subject

PACKAGE = "nnunetv2"
CLASS_IDS = "class_ids.json"


@MEMBERS.register("nnunet")
class NnUnet:
    """Predicts with every fold that the folder holds."""

    def __init__(self, setting: Setting) -> None:
        """Need the package, a folder and its `class_ids.json`."""
        if setting.nnunet is None:
            raise MemberUnavailable("no nnU-Net model folder is named")
        if importlib.util.find_spec(PACKAGE) is None:
            raise MemberUnavailable("the package nnunetv2 is not installed")
        self._ids = read_class_ids(setting.nnunet)
        self._predictor = _predictor(setting.nnunet)

    def propose(self, subject: Subject) -> Proposal:
        """Return the model's labels under their class ids."""
        image = subject.volume.hu[None].astype(np.float32)
        properties = {"spacing": list(subject.volume.spacing_mm)}
        found = self._predictor.predict_single_npy_array(image, properties, None, None, False)  # noqa: FBT003
        return Proposal(renumbered(found, self._ids), frozenset(self._ids.values()))


def read_class_ids(folder: Path) -> dict[int, int]:
    """Return model label -> class id; raises `MemberUnavailable` where the file is not there."""
    path = folder / CLASS_IDS
    if not path.exists():
        raise MemberUnavailable(f"{path} does not say what the model's labels mean")
    return {int(label): int(number) for label, number in json.loads(path.read_text()).items()}


def renumbered(labels: Any, ids: dict[int, int]) -> Labels:  # noqa: ANN401 - any integer array
    """Return class ids for a model's own label numbers; others become 0."""
    table = np.zeros(256, np.uint8)
    for label, number in ids.items():
        table[label] = number
    return np.asarray(table[np.asarray(labels, np.uint8)])


def _predictor(folder: Path) -> Any:  # noqa: ANN401 - nnunetv2 has no types
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    predictor = nnUNetPredictor(device=device, perform_everything_on_device=device.type == "cuda")
    predictor.initialize_from_trained_model_folder(str(folder), None, "checkpoint_final.pth")
    return predictor
