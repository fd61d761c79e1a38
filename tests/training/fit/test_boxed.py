from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.channels import trained_index
from training.fit.boxed import Boxed


def _folder(folder: Path, key: str) -> Path:
    Image.fromarray(np.zeros((640, 480), np.uint8)).save(folder / "a.png")
    (folder / "boxes.csv").write_text(
        f"file,key,left,top,right,bottom\na.png,{key},100,200,300,400\n"
    )
    return folder


def test_a_box_becomes_a_filled_rectangle_of_its_channel(tmp_path: Path) -> None:
    sample = Boxed(_folder(tmp_path, "heart"))[0]
    assert sample.water.shape == (320, 240)  # half of the file
    heart = np.unpackbits(sample.packed, axis=-1)[..., trained_index("heart")].astype(bool)
    assert heart.sum() == 100 * 100
    assert heart[100:200, 50:150].all()
    assert np.flatnonzero(sample.known).tolist() == [trained_index("heart")]


def test_a_film_is_kept_as_large_as_it_is_asked_for(tmp_path: Path) -> None:
    sample = Boxed(_folder(tmp_path, "heart"), 480)[0]
    assert sample.water.shape == (480, 360)
    heart = np.unpackbits(sample.packed, axis=-1)[..., trained_index("heart")].astype(bool)
    assert heart[150:300, 75:225].all()
    assert heart.sum() == 150 * 150


def test_a_key_that_cannot_be_taught_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="haert"):
        Boxed(_folder(tmp_path, "haert"))
