"""Films that score are never trained on, and neither are those that choose checkpoints."""

from pathlib import Path

from tests.peers import REPOSITORY
from training.experiment import read_recipe
from training.films import training_films, validation_films

FILMS = read_recipe(REPOSITORY / "training" / "experiments" / "cpu.yaml").films


def numbers(paths: list[Path]) -> list[int]:
    return [int(path.stem) for path in paths]


def test_scoring_films_are_never_training_films(tmp_path: Path) -> None:
    trained = numbers(training_films(tmp_path, FILMS))
    assert max(trained) < 130 <= FILMS.score_from
    assert not any(number % 10 == 9 for number in trained)


def test_every_other_film_is_either_trained_on_or_chooses(tmp_path: Path) -> None:
    films = FILMS.model_copy(update={"leave_out": []})
    trained, kept = training_films(tmp_path, films), validation_films(tmp_path, films)
    assert sorted(numbers(trained) + numbers(kept)) == list(range(films.score_from))


def test_a_film_whose_mask_is_wrong_is_neither_trained_on_nor_chooses(tmp_path: Path) -> None:
    films = FILMS.model_copy(update={"leave_out": [3, 9]})
    trained, kept = training_films(tmp_path, films), validation_films(tmp_path, films)
    assert set(range(130)) - set(numbers(trained + kept)) == {3, 9}
