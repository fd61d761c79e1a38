"""Which films with human masks are trained on, which choose checkpoints, and which only score."""

from pathlib import Path

from training.experiment import FilmsRecipe


def validation_films(folder: Path, films: FilmsRecipe) -> list[Path]:
    """Films that choose between checkpoints; never trained on and never scored on."""
    return [folder / f"{n:03d}.png" for n in range(films.score_from) if is_validation(n, films)]


def training_films(folder: Path, films: FilmsRecipe) -> list[Path]:
    """Films that may be trained on: below `score_from`, without the validation films."""
    return [folder / f"{n:03d}.png" for n in range(films.score_from) if not is_validation(n, films)]


def is_validation(number: int, films: FilmsRecipe) -> bool:
    """Whether a training film is kept for choosing between checkpoints."""
    return number % films.validate_every == films.validate_every - 1
