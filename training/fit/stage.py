"""`fit`: the phases of a recipe, each in its own folder with its checkpoint."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.channels import EXPERT_KEYS, TRAINED_KEYS
from training.experiment import FilmsRecipe, FitRecipe, Phase
from training.films import training_films, validation_films
from training.fit.batches import Material, SampleSource
from training.fit.boxed import Boxed
from training.fit.checkpoint import BEST, LAST
from training.fit.dataset import Films, film_side
from training.fit.loop import fit
from training.fit.mode import build_mode
from training.fit.processes import joined, rank, wait_for_others
from training.fit.saliency.pseudo_masked import PseudoMasked
from training.fit.settings import FitSettings
from training.fit.tones import tones
from training.fit.validation import Held, held
from training.fit.views.port import ViewSource
from training.stage import Stage, fingerprint, read_manifest

CURVES = ("curve.csv", "validation.csv")


@dataclass(frozen=True, slots=True)
class FilmFolders:
    """Where films lie: with masks (`NNN.png`, `NNN.mask.png`) and without; None when absent.

    `pseudo` is the folder of the stage `saliency`, `boxes` one with `boxes.csv`.
    """

    masked: Path | None = None
    unlabelled: Path | None = None
    pseudo: Path | None = None
    boxes: Path | None = None


@dataclass(frozen=True, slots=True)
class FitRun:
    """Everything that the phases of one run share; films are frontal, lateral runs have none."""

    views: ViewSource
    folder: Path
    recipe: FitRecipe
    films: FilmsRecipe
    folders: FilmFolders
    lateral: bool = False

    @property
    def trained(self) -> SampleSource:
        """The views of all subjects that are trained on."""
        return self.views.samples(self.views.trained)


def fit_phases(run: FitRun) -> Path:
    """Run every phase in order; returns the last checkpoint. Finished phases are skipped.

    Under torchrun every process calls this; only the first writes.
    """
    checkpoint = run.folder
    for phase in run.recipe.phases:
        build_mode(phase.mode, phase_settings(run, phase).mode_settings)  # faults before hours
    with joined():
        for phase in run.recipe.phases:
            if rank() == 0:
                forget_other_run(run.folder / phase.name, phase_fingerprint(run, phase))
            wait_for_others()
            _fit_phase(run, phase)
            checkpoint = phase_checkpoint(run.folder, phase)
            if rank() == 0:
                _note(run, phase, checkpoint)
    return checkpoint


def _note(run: FitRun, phase: Phase, checkpoint: Path) -> None:
    inputs = {run.views.stage: run.views.fingerprint}
    if run.folders.pseudo is not None:
        inputs["saliency"] = read_manifest(run.folders.pseudo)["fingerprint"]
    stage = Stage.open(run.folder, "fit", _said(run.recipe), inputs)
    stage.items[phase.name] = {"checkpoint": str(checkpoint.relative_to(run.folder))}
    stage.save()


def _said(recipe: FitRecipe, *without: str) -> dict[str, Any]:
    """What the recipe says, as JSON has it.

    The source that was there first goes without saying, so that runs from before there were two
    are still the same runs.
    """
    silent = {"source"} if recipe.source == "projected" else set()
    return recipe.model_dump(mode="json", exclude=silent.union(without))


def phase_checkpoint(folder: Path, phase: Phase) -> Path:
    """What later phases and the export take of a phase, `folder` being that of all phases."""
    best = folder / phase.name / BEST
    return best if phase.keep == "best" and best.exists() else folder / phase.name / LAST


def phase_fingerprint(run: FitRun, phase: Phase) -> str:
    """Depends on the views, the settings of this phase and of those it starts from."""
    before = phase_fingerprint(run, _named(run, phase.start)) if phase.start else ""
    shared = _said(run.recipe, "phases", "threads", "workers")
    own = phase.model_dump(mode="json", exclude_defaults=True)
    pseudo = run.folders.pseudo if phase.pseudo else None
    pointed = read_manifest(pseudo)["fingerprint"] if pseudo else ""
    more = [pointed] if pointed else []
    more += [phase_fingerprint(run, _named(run, phase.tutor))] if phase.tutor else []
    more += ["lateral"] if run.lateral else []
    return fingerprint(run.views.fingerprint, shared, own, before, *more)


def forget_other_run(home: Path, expected: str) -> None:
    """Remove a checkpoint made with other settings or inputs: it must not be resumed."""
    home.mkdir(parents=True, exist_ok=True)
    marker = home / "fingerprint"
    if not marker.exists() or marker.read_text() != expected:
        for name in (LAST, BEST, *CURVES):
            (home / name).unlink(missing_ok=True)
    marker.write_text(expected)


def _fit_phase(run: FitRun, phase: Phase) -> None:
    settings = phase_settings(run, phase)
    start = phase_checkpoint(run.folder, _named(run, phase.start)) if phase.start else None
    kept = _held(run, settings) if settings.validate_every else None
    fit(material(run, phase), settings, run.folder / phase.name, start, kept)


def _named(run: FitRun, name: str) -> Phase:
    (phase,) = [phase for phase in run.recipe.phases if phase.name == name]
    return phase


def phase_settings(run: FitRun, phase: Phase) -> FitSettings:
    """The settings of one phase, its own and those that all share."""
    recipe = run.recipe
    own: dict[str, Any] = {}
    if phase.teacher_from_step is not None:
        own["teacher_from_step"] = phase.teacher_from_step
    if phase.tutor is not None:
        tutor = _named(run, phase.tutor)
        own["tutor"] = phase_checkpoint(run.folder, tutor)
        own["tutor_size"] = recipe.size_of(tutor)
    return FitSettings(
        steps=phase.steps,
        batch=recipe.batch,
        size=recipe.size_of(phase),
        keys=_keys(run),
        learning_rate=phase.learning_rate,
        seed=recipe.seed,
        network=recipe.network,
        network_settings=recipe.network_settings,
        mode=phase.mode,
        mode_settings=own | phase.mode_settings,
        threads=recipe.threads,
        workers=recipe.workers,
        device=recipe.device,
        precision=recipe.precision,
        strength=phase.strength,
        ema=recipe.ema,
        encoder_rate=recipe.encoder_rate,
        importance=recipe.importance,
        validate_every=recipe.validate_on.every,
        criterion=recipe.validate_on.criterion,
    )


def _keys(run: FitRun) -> tuple[str, ...]:
    """The channels that any volume or film of the run knows; the same for every phase."""
    known = run.trained.known
    if run.folders.masked is not None:
        known = known | np.isin(TRAINED_KEYS, EXPERT_KEYS)
    for phase in run.recipe.phases:
        known = known | _others_know(run, phase)
    return tuple(key for key, taught in zip(TRAINED_KEYS, known, strict=True) if taught)


def _others_know(run: FitRun, phase: Phase) -> npt.NDArray[np.bool_]:
    known = np.zeros(len(TRAINED_KEYS), dtype=bool)
    for source in _other_films(run, phase).values():
        known |= source.known
    return known


def _held(run: FitRun, settings: FitSettings) -> Held:
    """Views of the held-out subjects, and the held-out films."""
    sources: list[SampleSource] = []
    if run.views.held:
        sources.append(run.views.samples(run.views.held))
    if run.folders.masked is not None:
        paths = validation_films(run.folders.masked, run.films)
        sources.append(Films(paths, masked=True, side=film_side(settings.size)))
    return held(sources, settings.keys, settings.size, run.recipe.validate_on.pictures)


def material(run: FitRun, phase: Phase) -> Material:
    """The sources that a phase asks for, as far as their folders were given."""
    folders = run.folders
    side = film_side(run.recipe.size_of(phase))
    sources: dict[str, SampleSource] = {}
    if phase.projections:
        unknown = EXPERT_KEYS if phase.films_define else ()
        sources["projections"] = run.views.samples(run.views.trained, unknown)
    if phase.films and folders.masked is not None:
        paths = training_films(folders.masked, run.films)
        sources["films"] = Films(paths, masked=True, side=side)
    bare = Films(bare_films(run) if phase.sees_bare_films else (), masked=False, side=side)
    if phase.unlabelled and len(bare):
        sources["unlabelled"] = bare
    sources |= _other_films(run, phase)
    shares = {name: getattr(phase, name) for name in sources}
    shown = tones(bare.grey, phase.tones) if phase.tones else None
    return Material(sources, shares, shown)


def bare_films(run: FitRun) -> list[Path]:
    """Films of which only the picture is used: those without masks, and the training films' own."""
    folders = run.folders
    found = [] if folders.unlabelled is None else sorted(folders.unlabelled.glob("*.png"))
    return found + ([] if folders.masked is None else training_films(folders.masked, run.films))


def _other_films(run: FitRun, phase: Phase) -> dict[str, SampleSource]:
    """Films of which less than a mask is known."""
    sources: dict[str, SampleSource] = {}
    if phase.pseudo and run.folders.pseudo is not None:
        sources["pseudo"] = PseudoMasked(run.folders.pseudo)
    if phase.boxes and run.folders.boxes is not None:
        sources["boxes"] = Boxed(run.folders.boxes, film_side(run.recipe.size_of(phase)))
    return sources
