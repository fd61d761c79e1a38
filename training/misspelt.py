"""Words that an experiment file got wrong, told with the nearest right one."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

Place = Sequence[int | str]


class ExperimentError(ValueError):
    """An experiment file that cannot be run; the text names every fault."""


def suggestion(word: object, known: Iterable[str]) -> str:
    """` - did you mean ...?` with the nearest known word; what there is when none is near."""
    words = sorted(known)
    near = get_close_matches(str(word), words, n=1, cutoff=0.6)
    if near:
        return f" - did you mean {near[0]}?"
    return f" - there is {', '.join(words)}" if 0 < len(words) <= MOST_LISTED else ""


MOST_LISTED = 12


def check_names(words: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise ExperimentError naming each of `words` that is not `known`; `what` says where."""
    right = set(known)
    wrong = [f"{what}: {word}{suggestion(word, right)}" for word in words if word not in right]
    if wrong:
        raise ExperimentError("\n".join(wrong))


def explained(path: Path, error: ValidationError, model: type[BaseModel]) -> str:
    """Every fault of a file on a line of its own, with the nearest valid key for unknown ones."""
    faults = [_fault(each["type"], each["loc"], each["msg"], model) for each in error.errors()]
    return "\n".join([f"{path}:", *(f"  {fault}" for fault in faults)])


def _fault(kind: str, place: Place, message: str, model: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in place)
    if kind != "extra_forbidden":
        return f"{where}: {message.removeprefix('Value error, ')}"
    return f"{where}: there is no such key{suggestion(place[-1], _keys_at(model, place[:-1]))}"


def _keys_at(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    """The keys of the part of the model at `place`; none where keys are free."""
    for part in place:
        if isinstance(part, int):
            continue
        inner = _inner(model.model_fields[part].annotation) if part in model.model_fields else None
        if inner is None:
            return ()
        model = inner
    return tuple(model.model_fields)


def _inner(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - annotations are anything
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None
