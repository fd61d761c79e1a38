from pathlib import Path

import numpy as np
from PIL import Image

from training.ingest.volume import Volume
from training.label.picture import painted, write_picture
from training.label.stage import label_volume
from training.vocabulary import ENTRIES


def test_the_picture_shows_the_projection_and_its_labels_in_colour(
    tmp_path: Path, phantom: Volume
) -> None:
    write_picture(tmp_path / "a.png", phantom, label_volume(phantom, None))
    picture = np.asarray(Image.open(tmp_path / "a.png"))
    plain, organs, _ = np.hsplit(picture, 3)
    assert (np.ptp(plain, axis=2) == 0).all()
    trachea = (organs == ENTRIES["trachea"].colour_rgb).all(-1)
    assert trachea.any()
    assert np.nonzero(trachea)[0].mean() < organs.shape[0] / 2  # in the upper half


def test_a_mask_is_outlined_in_its_own_colour_and_filled_in_part() -> None:
    mask = np.zeros((9, 9), bool)
    mask[2:7, 2:7] = True
    picture = painted(np.zeros((9, 9), np.uint8), {"heart": mask}, 0.5)
    colour = np.array(ENTRIES["heart"].colour_rgb)
    assert (picture[2, 2] == colour).all()
    assert (picture[4, 4] == colour // 2).all()
    assert (picture[0, 0] == 0).all()
