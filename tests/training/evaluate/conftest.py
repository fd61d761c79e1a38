"""Drawn films, the way real ones lie in a folder, and the package that reads them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.inference.manifest import read_package
from service.inference.session import Segmenter
from tests.peers import REPOSITORY

PACKAGE = REPOSITORY / "models" / "cxr-anatomy-frontal" / "0.1.0"
SIZE = 128
CENTRES = {"right_lung_field": 0.3, "left_lung_field": 0.7}


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    return Segmenter(read_package(PACKAGE), ["CPUExecutionProvider"])


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`130.png` … `132.png`, drawn chests one lower than the other, with masks and `ctr.csv`."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(3):
        film, mask = drawn_chest(0.02 * number)
        Image.fromarray(film).save(folder / f"{130 + number}.png")
        Image.fromarray(mask).save(folder / f"{130 + number}.mask.png")
    (folder / "ctr.csv").write_text("id,ctr_published\n130,0.50\n131,0.52\n132,\n")
    return folder


def drawn_chest(lower: float) -> tuple[np.ndarray, np.ndarray]:
    """A film, bright = dense, and its mask: red left lung, green right lung, blue heart."""
    rows, columns = np.mgrid[:SIZE, :SIZE] / SIZE
    rows = rows - lower
    film = np.full((SIZE, SIZE), 190, np.uint8)
    lungs = {
        key: ((columns - centre) / 0.14) ** 2 + ((rows - 0.45) / 0.3) ** 2 < 1
        for key, centre in CENTRES.items()
    }
    heart = ((columns - 0.55) / 0.16) ** 2 + ((rows - 0.62) / 0.13) ** 2 < 1
    film[lungs["right_lung_field"] | lungs["left_lung_field"]] = 50
    film[heart] = 180
    film[:, round(0.46 * SIZE) : round(0.54 * SIZE)] = 215
    film[round(0.76 * SIZE) :] = 230
    seen = [lungs["left_lung_field"] & ~heart, lungs["right_lung_field"] & ~heart, heart]
    return film, (255 * np.stack(seen, axis=-1)).astype(np.uint8)
