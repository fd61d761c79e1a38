import itertools

import numpy as np
import pytest
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from training.channels import KEYS
from training.vocabulary import ENTRIES, labels


def test_every_channel_has_an_entry_and_no_entry_is_left_over() -> None:
    assert set(ENTRIES) == set(KEYS)


def test_every_code_is_in_the_standards_dictionary_with_its_meaning() -> None:
    known = {(c.value, c.meaning.lower()) for c in _snomed()}
    wrong = [e.code for e in ENTRIES.values() if (e.code[0], e.code[1].lower()) not in known]
    assert not wrong


def _snomed() -> list[Code]:
    return [getattr(codes.SCT, name) for name in codes.SCT.dir() if name[0].isupper()]


def test_sides_are_the_words_of_the_key() -> None:
    for label in labels({}):
        words = label.key.split("_")
        side = label.laterality.value if label.laterality else None
        assert side == next((w for w in ("right", "left") if w in words), None)
        assert side is None or side in label.label.lower()


def test_colours_are_all_different() -> None:
    colours = [entry.colour_rgb for entry in ENTRIES.values()]
    assert len(set(colours)) == len(colours)


# Machado, Oliveira and Fernandes 2009, severity 1.0, linear RGB.
VISION = {
    "usual": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_can_be_told_apart(vision: str) -> None:
    colours = np.array([entry.colour_rgb for entry in ENTRIES.values()]) / 255
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    lab = _lab(np.clip(linear @ VISION[vision].T, 0, 1))
    apart = [np.linalg.norm(a - b) for a, b in itertools.combinations(lab, 2)]
    assert min(apart) >= 20


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ to_xyz.T / to_xyz.sum(1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)
