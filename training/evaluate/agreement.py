"""`agreement`: the ratio that the whole line gives, gates included, against published values.

Sources: Bland and Altman, Lancet 1986;327:307; limits of agreement are the mean difference -/+ 1.96
standard deviations. `intraclass` names its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from service.inference.manifest import read_package
from service.inference.session import Segmenter
from service.pipeline import examine
from training.evaluate.films import FilmScore, gated_ratio, published_ratios
from training.evaluate.gates import picture
from training.evaluate.intraclass import Intraclass, intraclass_correlation
from training.evaluate.metrics import bootstrap_interval

NORMAL = 1.96


@dataclass(frozen=True, slots=True)
class Ratio:
    """One film: the value that came out and the published one; or why none came out."""

    film: str
    found: float | None
    published: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over films with both values, found minus published; `reasons` over all films."""

    films: int
    compared: int
    not_measured: int
    mean_absolute_error: float
    error_interval: tuple[float, float]
    bias: float
    limits: tuple[float, float]
    reasons: dict[str, int]
    intraclass: Intraclass | None = None


def compare(package: Path, films: Path, ids: Iterable[int]) -> list[Ratio]:
    """Run every film `NNN.png` through the service's line."""
    segmenter = Segmenter(read_package(package), ["CPUExecutionProvider"])
    published = published_ratios(films)
    names = [f"{number:03d}" for number in ids]
    return [
        _ratio(films / f"{name}.png", segmenter, published.get(name))
        for name in tqdm(names, unit="film")
    ]


def _ratio(path: Path, segmenter: Segmenter, published: float | None) -> Ratio:
    found, reason = gated_ratio(examine(picture(path), segmenter, {}))
    return Ratio(path.stem, found, published, reason)


def ratios_of(scores: Iterable[FilmScore]) -> list[Ratio]:
    """The ratios of films that were scored already."""
    return [Ratio(each.film, each.measured, each.published, each.reason) for each in scores]


def summarise(ratios: Sequence[Ratio]) -> Agreement:
    """Bias, limits of agreement and the reasons; raises ValueError without a film to compare."""
    pairs = [(r.found, r.published) for r in ratios]
    both = np.array([(a, b) for a, b in pairs if a is not None and b is not None])
    differences = both[:, 0] - both[:, 1] if both.size else both
    if differences.size == 0:
        raise ValueError("no film has both a measured and a published ratio")
    errors = np.abs(differences)
    bias, spread = float(differences.mean()), float(differences.std(ddof=1))
    return Agreement(
        films=len(ratios),
        compared=len(differences),
        not_measured=sum(each.found is None for each in ratios),
        mean_absolute_error=float(errors.mean()),
        error_interval=bootstrap_interval(errors.tolist()),
        bias=bias,
        limits=(bias - NORMAL * spread, bias + NORMAL * spread),
        reasons=dict(Counter(each.reason for each in ratios if each.reason is not None)),
        intraclass=intraclass_correlation(both),
    )


def as_text(agreement: Agreement) -> str:
    """The figures as lines for people."""
    low, high = agreement.error_interval
    below, above = agreement.limits
    lines = [
        f"films                 {agreement.films}, {agreement.compared} with a published ratio",
        f"mean absolute error   {agreement.mean_absolute_error:.4f} ({low:.4f} to {high:.4f})",
        f"bias                  {agreement.bias:+.4f}",
        f"limits of agreement   {below:+.4f} to {above:+.4f}",
        f"not measured          {agreement.not_measured} of {agreement.films}",
        f"ICC(2,1)              {_interval_text(agreement.intraclass)}",
    ]
    return "\n".join([*lines, *(f"  {n} {reason}" for reason, n in agreement.reasons.items())])


def _interval_text(found: Intraclass | None) -> str:
    return "-" if found is None else f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
