"""Settings that one network or mode has to itself, checked like the rest of an experiment file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from training.misspelt import ExperimentError, explained


class OwnSettings(BaseModel):
    """Frozen; an unknown key is refused with the nearest valid one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the settings; raises ExperimentError naming every fault."""
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            whose = Path(cls.__module__.rpartition(".")[2])
            raise ExperimentError(f"settings of {explained(whose, error, cls)}") from None
