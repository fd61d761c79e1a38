"""Settings: one frozen object, read once; the only reader of the environment.

`thorax.toml` (path in THORAX_CONFIG, else ./thorax.toml when it is there) is read first;
environment variables win. docs/settings.md holds the table, and a test compares it with this file.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from service.anatomy.profiles import label_profile
from service.domain.analysis import DEFAULT_KINDS, ObjectKind
from service.errors import ServiceError
from service.inference.weights import Precision

ENVIRONMENT_PREFIX = "THORAX_"
REPOSITORY = Path(__file__).resolve().parent.parent

AETitle = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[ -\[\]-~]+$")]
Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(ServiceError):
    """The settings are wrong; the text says which and why."""

    code = "settings"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Peer(_Frozen):
    """A system that may send to us: calling AE title and, when given, the only address it has."""

    ae_title: AETitle
    address: str | None = None


def known_segments(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the label profile as it is; raises ValueError naming what there is not."""
    label_profile(chosen)
    return chosen


class PriorSource(_Frozen):
    """Where earlier films may be. `options` are checked by the kind of source itself."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    kind: str
    options: dict[str, Any] = Field(default_factory=dict)


class SegProfileName(StrEnum):
    """`viewer` opens in OHIF; `strict` writes no frame of reference where the source has none."""

    VIEWER = "viewer"
    STRICT = "strict"


STAND_INS: dict[ObjectKind, tuple[ObjectKind, ...]] = {
    ObjectKind.SEG: (ObjectKind.GSPS, ObjectKind.SC),
    ObjectKind.SR: (ObjectKind.SC,),
}


class Destination(_Frozen):
    """Where results go, which, and in what form. `options` are checked by the kind itself.

    instead: what may be sent for a kind that the peer does not take, best first.
    seg_profile, segments: the deployment's own when not given.
    labelmap: rather a label map where the peer accepts it. compress: single bits deflated
    where it accepts that; 8 bits are in RLE anyway.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    kind: str
    options: dict[str, Any] = Field(default_factory=dict)
    objects: tuple[ObjectKind, ...] = Field(DEFAULT_KINDS, min_length=1)
    instead: dict[ObjectKind, tuple[ObjectKind, ...]] = Field(default_factory=STAND_INS.copy)
    seg_profile: SegProfileName | None = None
    segments: tuple[str, ...] | None = None
    labelmap: bool = False
    compress: bool = False

    @field_validator("segments")
    @classmethod
    def _segments_are_known(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return value if value is None else known_segments(value)


class Settings(_Frozen):
    """All that can be set. A field's description is its line in docs/settings.md."""

    home: Path = Field(Path(".thorax"), description="Folder that holds all state.")
    database_url: str | None = Field(
        None, description="SQLAlchemy URL; SQLite in THORAX_HOME when not given."
    )
    broker_url: str | None = Field(
        None, description="Redis URL; `thorax up` starts its own Redis when not given."
    )
    ae_title: AETitle = Field("THORAX", description="Our AE title, called and calling.")
    dicom_port: Port = Field(11112, description="Port of the DICOM listener; 0 takes a free one.")
    http_port: Port = Field(8080, description="Port of the API; 0 takes a free one.")
    bind: str = Field("127.0.0.1", description="Address that the listener and the API bind to.")
    models: Path = Field(
        REPOSITORY / "models", description="Folder of model packages, <name>/<version>/."
    )
    providers: tuple[str, ...] = Field(
        (), description="onnxruntime execution providers in order; best available first when empty."
    )
    precision: Precision | None = Field(
        None,
        description="Weights used: `fp32`, `fp16`, `int8`; the package's choice when not given.",
    )
    api_keys: tuple[str, ...] = Field(
        (), description="Keys that the API accepts; required as soon as it binds beyond loopback."
    )
    seg_profile: SegProfileName = Field(
        SegProfileName.VIEWER, description="`viewer` opens in OHIF, `strict` is the bare standard."
    )
    segments: tuple[str, ...] = Field(
        ("clinical",),
        description="Structures in SEG: `clinical`, `full`, or keys of docs/structures.md.",
    )
    code_map: Path | None = Field(
        None, description="TOML file with this site's codes and names in place of ours (see below)."
    )
    check_called_ae_title: bool = Field(
        default=True, description="Refuse associations that call another AE title."
    )
    maximum_object_mb: int = Field(
        512, gt=0, description="Largest instance that is taken, in megabytes."
    )
    reserve_mb: int = Field(
        1024, ge=0, description="Free disk space, in megabytes, below which nothing is taken."
    )
    log_format: Literal["console", "json"] = Field("console", description="How logs are printed.")
    priors: bool = Field(
        default=True, description="Compare with the patient's newest earlier film of this view."
    )
    patient_hash_key: str | None = Field(
        None,
        min_length=16,
        description="Key of the patient hashes; made in THORAX_HOME at first start when not given.",
    )
    peers: tuple[Peer, ...] = Field(
        (), description="Systems that may send; empty means any. Only in thorax.toml."
    )
    destinations: tuple[Destination, ...] = Field(
        (), description="Where results are sent; empty keeps them here. Only in thorax.toml."
    )

    @field_validator("segments")
    @classmethod
    def _segments_are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return known_segments(value)

    prior_sources: tuple[PriorSource, ...] = Field(
        (), description="Where earlier films are looked for beside our own. Only in thorax.toml."
    )

    @model_validator(mode="after")
    def _keys_beyond_loopback(self) -> "Settings":
        if not self.binds_loopback and not self.api_keys:
            raise ValueError("api_keys: a key is required when bind is not a loopback address")
        return self

    @model_validator(mode="after")
    def _destination_names_are_unique(self) -> "Settings":
        names = [destination.name for destination in self.destinations]
        if len(set(names)) != len(names):
            raise ValueError("destinations: two have the same name")
        return self

    @model_validator(mode="after")
    def _source_names_are_unique(self) -> "Settings":
        names = ["database", *(source.name for source in self.prior_sources)]
        if len(set(names)) != len(names):
            raise ValueError("prior_sources: two have the same name, or one is called database")
        return self

    @property
    def binds_loopback(self) -> bool:
        """Return whether only this machine can reach us."""
        if self.bind == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.bind).is_loopback
        except ValueError:
            return False

    @property
    def effective_database_url(self) -> str:
        """Return the database in use."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'thorax.db'}"

    @property
    def effective_broker_url(self) -> str:
        """Return the broker in use; Redis' own port when none is given."""
        return self.broker_url or "redis://127.0.0.1:6379/0"


_LISTS = {"providers", "api_keys", "segments"}
_ONLY_IN_FILE = {"peers", "destinations", "prior_sources"}


def environment_name(field: str) -> str:
    """Return the variable that sets `field`."""
    return ENVIRONMENT_PREFIX + field.upper()


def configuration_file(variables: Mapping[str, str] | None = None) -> Path | None:
    """Return the thorax.toml in use, absolute; None when there is none."""
    named = (os.environ if variables is None else variables).get("THORAX_CONFIG")
    path = Path(named or "thorax.toml").resolve()
    return path if named or path.is_file() else None


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process; raises SettingsError naming what is wrong."""
    variables = os.environ if environment is None else environment
    values = _from_file(variables) | _from_environment(variables)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_explanation(error)) from error


def environment_of(settings: Settings, config: Path | None = None) -> dict[str, str]:
    """Return the variables by which a child process reads these very settings.

    Peers, destinations and sources travel in the file `config`.
    """
    variables = dict(os.environ)
    for field in Settings.model_fields.keys() - _ONLY_IN_FILE:
        value = getattr(settings, field)
        if value is not None:
            text = ",".join(value) if field in _LISTS else str(value)
            variables[environment_name(field)] = text
    if config is not None:
        variables["THORAX_CONFIG"] = str(config)
    return variables


def _from_file(variables: Mapping[str, str]) -> dict[str, Any]:
    path = configuration_file(variables)
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from error


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in Settings.model_fields.keys() - _ONLY_IN_FILE:
        text = variables.get(environment_name(field))
        if text:
            values[field] = _split(text) if field in _LISTS else text
    return values


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _explanation(error: ValidationError) -> str:
    """Name each setting and what is wrong with it, never its value: it may be a password."""
    lines = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'settings'}: {problem['msg']}"
        for problem in error.errors(include_input=False)
    ]
    return "; ".join(lines)
