"""Which pictures the probe is trained on."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.gates import stage
from training.gates.stage import KEPT_VOLUMES, Material, gather, is_kept


@pytest.mark.parametrize(
    ("name", "kept"), [("009.png", True), ("019.png", True), ("010.png", False)]
)
def test_every_tenth_film_is_kept(name: str, *, kept: bool) -> None:
    assert is_kept(Path(name)) is kept


def test_kept_films_kept_volumes_and_scoring_films_are_not_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = Material(tmp_path / "films", tmp_path / "unlabelled", tmp_path / "volumes")
    for folder, count in ((material.films, 140), (material.unlabelled, 12)):
        folder.mkdir()
        for number in range(count):
            grey = np.full((8, 8), number, np.uint8)
            Image.fromarray(grey).save(folder / f"{number:03d}.png")
    for name in (*KEPT_VOLUMES, "someone"):
        (material.volumes / name).mkdir(parents=True)
        (material.volumes / name / "ct.nii.gz").touch()
    asked: list[str] = []

    def project(path: Path, _views: int, _seed: int) -> tuple[()]:
        asked.append(path.parent.name)
        return ()

    monkeypatch.setattr(stage, "project_volume", project)

    sources = gather(material, seed=0)

    assert asked == ["someone"]
    numbers = [int(picture.max()) for picture in sources.films]
    assert max(numbers[:-11]) < 130
    assert len(numbers) == 130 - 13 + 12 - 1
    assert not any(number % 10 == 9 for number in numbers)
