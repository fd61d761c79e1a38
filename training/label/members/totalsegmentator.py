"""The TotalSegmentator package (Apache-2.0), where it is installed and its weights are there."""

import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.label.nifti import as_nifti, from_nifti
from training.label.port import MEMBERS, MemberUnavailable, Proposal, Setting, Subject
from training.label.total_ids import EVERY_ID

PACKAGE = "totalsegmentator"
TASK = "total"


@MEMBERS.register("totalsegmentator")
class TotalSegmentator:
    """Task `total` of the installed package; nothing is downloaded by this member."""

    def __init__(self, setting: Setting) -> None:
        """Need the package and the weights that it would otherwise download."""
        del setting
        if importlib.util.find_spec(PACKAGE) is None:
            raise MemberUnavailable("the package TotalSegmentator is not installed")
        weights = weights_folder()
        if not any(weights.glob("Dataset29*")):
            raise MemberUnavailable(f"TotalSegmentator's weights are not in {weights}")

    def propose(self, subject: Subject) -> Proposal:
        """Return what the package finds; every class is known."""
        from totalsegmentator.python_api import totalsegmentator

        device = "gpu" if torch.cuda.is_available() else "cpu"
        image: Any = as_nifti(subject.volume)
        found = totalsegmentator(image, None, ml=True, task=TASK, device=device, quiet=True)
        return Proposal(from_nifti(found).astype(np.uint8), EVERY_ID)


def weights_folder() -> Path:
    """Where the package keeps its weights: its own environment variable, or its own default."""
    given = os.environ.get("TOTALSEG_WEIGHTS_PATH")
    home = Path(os.environ.get("TOTALSEG_HOME_DIR", Path.home() / ".totalsegmentator"))
    return Path(given) if given else home / "nnunet" / "results"
