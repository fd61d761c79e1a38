"""`fit`: the phases of a recipe, each in its own folder with its checkpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.experiment import FilmsRecipe, FitRecipe, Phase
from training.fit.dataset import Films, Projections
from training.fit.loop import FitSettings, SampleSource, fit
from training.stage import Stage, read_manifest

NEVER = 10**9


@dataclass(frozen=True, slots=True)
class FilmFolders:
    """Where films lie: with masks (`NNN.png`, `NNN.mask.png`) and without; None when absent."""

    masked: Path | None = None
    unlabelled: Path | None = None


def fit_phases(
    projected: Path, folder: Path, recipe: FitRecipe, films: FilmsRecipe, folders: FilmFolders
) -> Path:
    """Run every phase in order; returns the last checkpoint. Finished phases are skipped."""
    source = read_manifest(projected)
    inputs = {"project": source["fingerprint"]}
    stage = Stage.open(folder, "fit", recipe.model_dump(mode="json"), inputs)
    _forget_other_runs(folder, stage.fingerprint)
    checkpoint = folder
    for phase in recipe.phases:
        checkpoint = _phase(projected, folder, recipe, films, folders, phase)
        stage.items[phase.name] = {"checkpoint": str(checkpoint.relative_to(folder))}
        stage.save()
    return checkpoint


def _forget_other_runs(folder: Path, fingerprint: str) -> None:
    """Remove checkpoints of a run with other settings or inputs: they must not be resumed."""
    marker = folder / "fingerprint"
    if not marker.exists() or marker.read_text() != fingerprint:
        for checkpoint in folder.glob("*/checkpoint.pt"):
            checkpoint.unlink()
    marker.write_text(fingerprint)


def _phase(
    projected: Path,
    folder: Path,
    recipe: FitRecipe,
    films: FilmsRecipe,
    folders: FilmFolders,
    phase: Phase,
) -> Path:
    home = folder / phase.name
    home.mkdir(exist_ok=True)
    settings = FitSettings(
        steps=phase.steps,
        batch=recipe.batch,
        size=recipe.size,
        width=recipe.width,
        learning_rate=phase.learning_rate,
        seed=recipe.seed,
        teacher_from_step=NEVER if phase.teacher_from_step is None else phase.teacher_from_step,
        threads=recipe.threads,
    )
    start = None if phase.start is None else folder / phase.start / "checkpoint.pt"
    return fit(_sources(projected, films, folders, phase, recipe.ignore), settings, home, start)


def _sources(
    projected: Path,
    films: FilmsRecipe,
    folders: FilmFolders,
    phase: Phase,
    ignore: Mapping[str, Sequence[str]],
) -> Sequence[tuple[float, SampleSource]]:
    sources: list[tuple[float, SampleSource]] = []
    if phase.projections:
        sources.append((phase.projections, Projections(projected, ignore)))
    if phase.films and folders.masked is not None:
        sources.append((phase.films, Films(training_films(folders.masked, films), masked=True)))
    if phase.unlabelled and folders.unlabelled is not None:
        paths = sorted(folders.unlabelled.glob("*.png"))
        sources.append((phase.unlabelled, Films(paths, masked=False)))
    return sources


def training_films(folder: Path, films: FilmsRecipe) -> list[Path]:
    """Films that may be trained on: below `score_from`, without the validation films."""
    return [folder / f"{n:03d}.png" for n in range(films.score_from) if not is_validation(n, films)]


def is_validation(number: int, films: FilmsRecipe) -> bool:
    """Whether a training film is kept for choosing between checkpoints."""
    return number % films.validate_every == films.validate_every - 1
