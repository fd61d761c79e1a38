from pathlib import Path

import numpy as np
from PIL import Image

from service.anatomy.structures import structures_by_key
from training.ingest.volume import Volume
from training.label.labelled import LabelledVolume
from training.label.picture import ROWS, painted, write_picture
from training.label.stage import label_volume


def test_the_picture_shows_the_airway_above_the_middle_and_only_what_is_known(
    tmp_path: Path, phantom: Volume
) -> None:
    found = label_volume(phantom)
    write_picture(tmp_path / "all.png", phantom, found)
    without = LabelledVolume(found.layers, found.known - {"trachea"})
    write_picture(tmp_path / "without.png", phantom, without)
    airway = [_painted(tmp_path / name, "trachea") for name in ("all.png", "without.png")]
    assert airway[0].any()
    assert np.nonzero(airway[0])[0].mean() < ROWS / 2  # the first panel's upper half
    assert not airway[1].any()


def _painted(path: Path, key: str) -> np.ndarray:
    return (np.asarray(Image.open(path)) == structures_by_key()[key].colour_rgb).all(-1)


def test_a_mask_is_outlined_in_its_own_colour_and_filled_in_part() -> None:
    mask = np.zeros((9, 9), bool)
    mask[2:7, 2:7] = True
    picture = painted(np.zeros((9, 9), np.uint8), {"heart": mask}, 0.5)
    colour = np.array(structures_by_key()["heart"].colour_rgb)
    assert (picture[2, 2] == colour).all()
    assert (picture[4, 4] == colour // 2).all()
    assert (picture[0, 0] == 0).all()
