"""OHIF in a headless Chromium in front of Orthanc: what a reader would see of a result."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.peers import require
from tests.servers import Orthanc

DRIVER = Path(__file__).with_name("ohif_driver.js")
PATIENCE_SECONDS = 600
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class View:
    """One series to open: by its description, with the text and the pixels to look at.

    points: (row, column) of source pixels whose colour on the screen is wanted.
    """

    series: str
    screenshot: str
    segmentation: bool = False
    text: str | None = None
    points: Sequence[Point] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Seen:
    """The page's text; those of the view's points that are in sight, and their RGB on the screen.

    colours: int (points, 3).
    """

    text: str
    points: Sequence[Point]
    colours: NDArray[np.int64]


def look(orthanc: Orthanc, study_instance_uid: str, views: Sequence[View]) -> list[Seen]:
    """Open the views one after the other in one browser; AssertionError with what OHIF said."""
    scenario = {
        "dist": str(require("ohif").parent),
        "playwright": str(require("playwright")),
        "chromium": str(require("chromium")),
        "orthancPort": orthanc.http_port,
        "study": study_instance_uid,
        "views": [asdict(view) for view in views],
    }
    answers = json.loads(_drive(json.dumps(scenario)))
    return [_seen(view, answer) for view, answer in zip(views, answers, strict=True)]


def _seen(view: View, answer: dict[str, Any]) -> Seen:
    in_sight = [(p, xy) for p, xy in zip(view.points, answer["places"], strict=True) if xy]
    colours = _colours(Path(view.screenshot), [xy for _, xy in in_sight])
    return Seen(answer["text"], [point for point, _ in in_sight], colours)


def _drive(scenario: str) -> str:
    """Return what the driver prints; its progress and OHIF's text explain a failure."""
    command = [str(require("node")), str(DRIVER), scenario]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as driver:
        try:
            answer, progress = driver.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            driver.terminate()
            answer, progress = driver.communicate()
    assert driver.returncode == 0, progress
    return answer


def _colours(screenshot: Path, places: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """Return RGB at (x, y) places of a picture, int (places, 3)."""
    picture = np.asarray(Image.open(screenshot).convert("RGB"), dtype=np.int64)
    if not places:
        return np.empty((0, 3), dtype=np.int64)
    x, y = np.round(np.array(places)).astype(int).T
    found: NDArray[np.int64] = picture[y, x]
    return found
