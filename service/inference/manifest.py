"""The schema of models/<name>/<version>/: manifest.yaml, labels.yaml and the files they name."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.model import ModelIdentity
from service.domain.segmentation import Code, Laterality, Segment
from service.errors import ModelPackageError
from service.inference.weights import Precision, Variant, Weights

Parsed = TypeVar("Parsed")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Intensity(_Strict):
    """How grey values become 0-1: the percentiles `low` and `high` of the image."""

    method: Literal["percentile"]
    low: float = Field(ge=0, lt=100)
    high: float = Field(gt=0, le=100)


class ModelInputFormat(_Strict):
    """What the graph wants: float32 (batch, 1, size, size), 0-1, bright = dense."""

    tensor: str
    size: int = Field(gt=0, multiple_of=8)
    polarity: Literal["bright_is_dense"]
    resize: Literal["letterbox"]
    intensity: Intensity


class ModelOutputFormat(_Strict):
    """What the graph gives: float32 (batch, channels, size / stride, size / stride), 0-1.

    A pixel of the output covers `stride` x `stride` pixels of the input.
    """

    tensor: str
    activation: Literal["sigmoid"]
    channels: int = Field(gt=0)
    stride: Literal[1, 2, 4, 8] = 1


class Eligible(_Strict):
    """Which images the package claims; UNKNOWN is a film whose header does not state its view."""

    views: tuple[ViewPosition, ...] = Field(min_length=1)


class Probe(_Strict):
    """The ONNX file that says how a picture was stored; see `service/gates/storing.py`.

    It takes the tensor that the weights take and gives float32 (batch, 2, 2, 2, 4).
    """

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Gates(_Strict):
    """What the gates hold their scores against; without the limit it needs, a gate is not asked.

    Units and directions are those of `service/gates/<gate>.py`. `chest_structures` are the labels
    whose certainty tells a chest, or `all`; where none is named, those of
    `service/gates/certainty.py`.
    """

    storing: Probe | None = None
    chest_structures: Literal["all"] | tuple[str, ...] = ()
    limits: dict[Gate, float]


class CodeEntry(_Strict):
    """A coded concept."""

    value: str
    scheme: str
    meaning: str

    def to_code(self) -> Code:
        """Return the domain's Code."""
        return Code(self.value, self.scheme, self.meaning)


class Pieces(StrEnum):
    """How many parts of a structure a film shows: specks beside a single one are dropped."""

    ONE = "one"
    MANY = "many"


class LabelEntry(_Strict):
    """One output channel."""

    number: int = Field(ge=1)
    key: str = Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")
    label: str = Field(min_length=1, max_length=64)
    category: CodeEntry
    type: CodeEntry
    modifiers: tuple[CodeEntry, ...] = ()
    laterality: Laterality | None = None
    colour_rgb: tuple[int, int, int]
    threshold: float = Field(gt=0, lt=1)
    minimum_area_fraction: float = Field(ge=0, lt=1)
    pieces: Pieces = Pieces.MANY

    def to_segment(self) -> Segment:
        """Return the domain's Segment."""
        return Segment(
            self.number,
            self.key,
            self.label,
            self.category.to_code(),
            self.type.to_code(),
            self.laterality,
            self.colour_rgb,
            tuple(modifier.to_code() for modifier in self.modifiers),
        )


class TrainingData(_Strict):
    """One source of training images and on what terms it was used."""

    dataset: str
    licence: str
    split: str
    subjects: int


class Golden(_Strict):
    """A synthetic input and the output that this very package gave for it."""

    input: str
    expected: str
    tolerance: float


class ModelManifest(_Strict):
    """manifest.yaml."""

    schema_version: Literal[1] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    license: str
    weights: Weights
    input: ModelInputFormat
    output: ModelOutputFormat
    eligible: Eligible
    gates: Gates = Gates(limits={})
    trained_on: tuple[TrainingData, ...]
    metrics: dict[str, Any]
    golden: Golden
    code_commit: str


@dataclass(frozen=True)
class ModelPackage:
    """A verified folder. labels[i] describes output channel i.

    precision: whose weights are used; None leaves it to the package.
    """

    folder: Path
    manifest: ModelManifest
    labels: tuple[LabelEntry, ...]
    precision: Precision | None = None

    @property
    def identity(self) -> ModelIdentity:
        """Return name, version and the hash of the weights that are used."""
        manifest = self.manifest
        return ModelIdentity(manifest.name, manifest.version, self.weights.sha256)

    @cached_property
    def settings_sha256(self) -> str:
        """Return the hash of what decides a result beside the weights: input, gates, labels.

        What came into the schema later counts only where it says something: a package that says
        nothing of it gives what it always gave.
        """
        output = self.manifest.output
        silent = {
            "output": {"stride"} if output.stride == 1 else set[str](),
            "gates": set[str]() if self.manifest.gates.chest_structures else {"chest_structures"},
        }
        decisive = self.manifest.model_dump_json(
            include={"input", "output", "gates"}, exclude=silent
        )
        many = [i for i, label in enumerate(self.labels) if label.pieces is Pieces.MANY]
        adapter = TypeAdapter(tuple[LabelEntry, ...])
        labels = adapter.dump_json(self.labels, exclude={i: {"pieces"} for i in many})
        return hashlib.sha256(decisive.encode() + labels).hexdigest()

    @property
    def weights(self) -> Weights | Variant:
        """Return the file whose weights are used."""
        return self.manifest.weights.chosen(self.precision)

    @property
    def weights_path(self) -> Path:
        """Return where the ONNX file lies."""
        return self.folder / self.weights.file

    @property
    def storing_path(self) -> Path | None:
        """Return where the file lies that says how a picture was stored, if there is one."""
        probe = self.manifest.gates.storing
        return self.folder / probe.file if probe else None

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Return the channels' descriptions in channel order."""
        return tuple(label.to_segment() for label in self.labels)


def read_package(folder: Path, precision: Precision | None = None) -> ModelPackage:
    """Return the package in `folder` after checking everything but the graph itself.

    precision: whose weights to use; None leaves it to the package, as it does where it has none
    of these.

    Raises ModelPackageError: manifest_invalid, labels_invalid, weights_missing, weights_mismatch.
    """
    manifest = _parsed(TypeAdapter(ModelManifest), folder / "manifest.yaml", "manifest_invalid")
    labels = _parsed(TypeAdapter(tuple[LabelEntry, ...]), folder / "labels.yaml", "labels_invalid")
    package = ModelPackage(folder, manifest, labels, precision)
    _check_labels(package)
    _check_gates(package)
    _check_weights(package)
    return package


def sha256_of(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parsed(adapter: TypeAdapter[Parsed], path: Path, code: str) -> Parsed:
    try:
        return adapter.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ModelPackageError(f"{path}: {error}", code=code) from error


def _check_labels(package: ModelPackage) -> None:
    labels, channels = package.labels, package.manifest.output.channels
    if len(labels) != channels:
        raise ModelPackageError(
            f"{package.folder}: {len(labels)} labels for {channels} channels",
            code="labels_invalid",
        )
    for attribute in ("key", "number"):
        values = [getattr(label, attribute) for label in labels]
        if len(set(values)) != len(values):
            raise ModelPackageError(
                f"{package.folder}: a label {attribute} is used twice", code="labels_invalid"
            )


def _check_gates(package: ModelPackage) -> None:
    named = package.manifest.gates.chest_structures
    unknown = set(() if named == "all" else named) - {label.key for label in package.labels}
    if unknown:
        raise ModelPackageError(
            f"{package.folder}: a gate asks for {', '.join(sorted(unknown))}, which no label is",
            code="manifest_invalid",
        )


def _check_weights(package: ModelPackage) -> None:
    weights = package.manifest.weights
    _check_hash(package.folder / weights.file, weights.sha256)
    for variant in weights.variants.values():
        _check_hash(package.folder / variant.file, variant.sha256)
    probe = package.manifest.gates.storing
    if probe:
        _check_hash(package.folder / probe.file, probe.sha256)


def _check_hash(path: Path, sha256: str) -> None:
    if not path.is_file():
        raise ModelPackageError(f"{path} is missing", code="weights_missing")
    if sha256_of(path) != sha256:
        raise ModelPackageError(
            f"{path} does not have the hash that its manifest states", code="weights_mismatch"
        )
