"""`fit`: the phases of a recipe, each in its own folder with its checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.channels import EXPERT_KEYS, TRAINED_KEYS
from training.experiment import FilmsRecipe, FitRecipe, Phase
from training.fit.dataset import Films, Projections
from training.fit.loop import FitSettings, SampleSource, fit
from training.stage import Stage, fingerprint, read_manifest

NEVER = 10**9


@dataclass(frozen=True, slots=True)
class FilmFolders:
    """Where films lie: with masks (`NNN.png`, `NNN.mask.png`) and without; None when absent."""

    masked: Path | None = None
    unlabelled: Path | None = None


@dataclass(frozen=True, slots=True)
class FitRun:
    """Everything that the phases of one run share."""

    projected: Path
    folder: Path
    recipe: FitRecipe
    films: FilmsRecipe
    folders: FilmFolders


def fit_phases(run: FitRun) -> Path:
    """Run every phase in order; returns the last checkpoint. Finished phases are skipped."""
    inputs = {"project": read_manifest(run.projected)["fingerprint"]}
    stage = Stage.open(run.folder, "fit", run.recipe.model_dump(mode="json"), inputs)
    checkpoint = run.folder
    for phase in run.recipe.phases:
        forget_other_run(run.folder / phase.name, phase_fingerprint(run, phase))
        checkpoint = _fit_phase(run, phase)
        stage.items[phase.name] = {"checkpoint": str(checkpoint.relative_to(run.folder))}
        stage.save()
    return checkpoint


def phase_fingerprint(run: FitRun, phase: Phase) -> str:
    """Depends on the projections, the settings of this phase and of those it starts from."""
    earlier = [p for p in run.recipe.phases if p.name == phase.start]
    before = phase_fingerprint(run, earlier[0]) if earlier else ""
    shared = run.recipe.model_dump(mode="json", exclude={"phases", "threads"})
    own = phase.model_dump(mode="json", exclude_defaults=True)
    projections = read_manifest(run.projected)["fingerprint"]
    return fingerprint(projections, shared, own, before)


def forget_other_run(home: Path, expected: str) -> None:
    """Remove a checkpoint made with other settings or inputs: it must not be resumed."""
    home.mkdir(parents=True, exist_ok=True)
    marker = home / "fingerprint"
    if not marker.exists() or marker.read_text() != expected:
        (home / "checkpoint.pt").unlink(missing_ok=True)
    marker.write_text(expected)


def _fit_phase(run: FitRun, phase: Phase) -> Path:
    settings = FitSettings(
        steps=phase.steps,
        batch=run.recipe.batch,
        size=run.recipe.size,
        width=run.recipe.width,
        learning_rate=phase.learning_rate,
        seed=run.recipe.seed,
        teacher_from_step=NEVER if phase.teacher_from_step is None else phase.teacher_from_step,
        threads=run.recipe.threads,
        strength=phase.strength,
        keys=_keys(run),
    )
    start = None if phase.start is None else run.folder / phase.start / "checkpoint.pt"
    return fit(_sources(run, phase), settings, run.folder / phase.name, start)


def _keys(run: FitRun) -> tuple[str, ...]:
    """The channels that any volume or film of the run knows; the same for every phase."""
    known = Projections(run.projected, run.recipe.ignore).known
    if run.folders.masked is not None:
        known = known | np.isin(TRAINED_KEYS, EXPERT_KEYS)
    return tuple(key for key, taught in zip(TRAINED_KEYS, known, strict=True) if taught)


def _sources(run: FitRun, phase: Phase) -> Sequence[tuple[float, SampleSource]]:
    sources: list[tuple[float, SampleSource]] = []
    folders = run.folders
    if phase.projections:
        unknown = EXPERT_KEYS if phase.films_define else ()
        projections = Projections(run.projected, run.recipe.ignore, unknown)
        sources.append((phase.projections, projections))
    if phase.films and folders.masked is not None:
        paths = training_films(folders.masked, run.films)
        sources.append((phase.films, Films(paths, masked=True)))
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
