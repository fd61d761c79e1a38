"""OHIF in a headless Chromium in front of Orthanc: what a reader would see of a result."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

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
    """The page's text, and the screen's RGB at the view's points, int (points, 3)."""

    text: str
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
    done = subprocess.run(
        [str(require("node")), str(DRIVER), json.dumps(scenario)],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    return [
        Seen(answer["text"], _colours(Path(view.screenshot), answer["places"]))
        for view, answer in zip(views, answers, strict=True)
    ]


def _colours(screenshot: Path, places: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """Return RGB at (x, y) places of a picture, int (places, 3)."""
    picture = np.asarray(Image.open(screenshot).convert("RGB"), dtype=np.int64)
    if not places:
        return np.empty((0, 3), dtype=np.int64)
    x, y = np.round(np.array(places)).astype(int).T
    found: NDArray[np.int64] = picture[y, x]
    return found
