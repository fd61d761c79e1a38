"""The registry of layouts: each knows where volumes lie, whose they are and how each is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.plugins import Registry, load
from training.ingest import layouts
from training.ingest.pseudonym import Pseudonyms
from training.ingest.scan import Candidate


@dataclass(frozen=True, slots=True)
class Request:
    """Where to look, and how people are renamed."""

    folder: Path
    pseudonyms: Pseudonyms


Finder = Callable[[Request], Iterator[Candidate]]
LAYOUTS: Registry[Finder] = Registry("layout of a folder of volumes")
NOT_STATED = "not stated"


def candidates(layout: str, request: Request) -> list[Candidate]:
    """Every volume of `request.folder`; raises UnknownPlugin for a layout that does not exist."""
    load(layouts)
    return list(LAYOUTS.get(layout)(request))


def layout_names() -> tuple[str, ...]:
    """The names that a recipe may give."""
    load(layouts)
    return LAYOUTS.names()
