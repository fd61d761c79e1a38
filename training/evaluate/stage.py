"""`evaluate`: packages on films that were never trained on."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from service.inference.manifest import read_package
from service.inference.session import Segmenter
from training.evaluate.films import score_films
from training.evaluate.report import summarise


def evaluate_packages(
    packages: Sequence[Path], films: Path, ids: Iterable[int]
) -> dict[str, dict[str, Any]]:
    """Per package folder: `summary` and the score of every film."""
    numbers = list(ids)
    return {str(path): _evaluate(path, films, numbers) for path in packages}


def _evaluate(package: Path, films: Path, ids: Sequence[int]) -> dict[str, Any]:
    scores = score_films(Segmenter(read_package(package)), films, ids)
    return {"summary": summarise(scores), "films": [asdict(score) for score in scores]}
