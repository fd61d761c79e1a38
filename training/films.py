"""Which films with human masks are trained on, which choose checkpoints, and which only score."""

from pathlib import Path

from training.experiment import FilmsRecipe


def validation_films(folder: Path, films: FilmsRecipe) -> list[Path]:
    """Films that choose between checkpoints; never trained on and never scored on."""
    return [_path(folder, n) for n in _usable(films) if is_validation(n, films)]


def training_films(folder: Path, films: FilmsRecipe) -> list[Path]:
    """Films that may be trained on: below `score_from`, without the validation films."""
    return [_path(folder, n) for n in _usable(films) if not is_validation(n, films)]


def _usable(films: FilmsRecipe) -> list[int]:
    return [number for number in range(films.score_from) if number not in films.leave_out]


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:03d}.png"


def is_validation(number: int, films: FilmsRecipe) -> bool:
    """Whether a training film is kept for choosing between checkpoints."""
    return number % films.validate_every == films.validate_every - 1
