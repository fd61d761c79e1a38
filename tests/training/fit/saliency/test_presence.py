from pathlib import Path

import numpy as np
import pytest

from training.fit.saliency.presence import read_presence


def _write(folder: Path, text: str) -> Path:
    (folder / "presence.csv").write_text(text)
    return folder


def test_an_empty_answer_is_not_known(tmp_path: Path) -> None:
    found = read_presence(_write(tmp_path, "file,heart,trachea\na.png,1,\nb.png,0,1\n"))
    assert found.keys == ("heart", "trachea")
    assert np.array_equal(found.answers, [[1, np.nan], [0, 1]], equal_nan=True)
    assert found.paths == (tmp_path / "a.png", tmp_path / "b.png")


def test_an_unknown_column_is_refused_with_the_nearest_channel(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="did you mean 'trachea'"):
        read_presence(_write(tmp_path, "file,trachae\na.png,1\n"))


def test_another_answer_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.png, heart"):
        read_presence(_write(tmp_path, "file,heart\na.png,yes\n"))
