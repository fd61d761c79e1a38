"""The data card as one HTML file: no script, no font, no picture from anywhere else."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from training.pack.pictures import COLOURS
from training.pack.svg import bars, heatmap, scatter

TEMPLATE = "data_card.html.j2"


def as_html(facts: Mapping[str, Any], pictures: Sequence[Mapping[str, str]]) -> str:
    """The page; every text is escaped, the charts are SVG of our own."""
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template(TEMPLATE)
    return template.render(**facts, pictures=pictures, charts=_charts(facts), colours=COLOURS)


def _charts(facts: Mapping[str, Any]) -> dict[str, Any]:
    statistics = [entry for entry in facts["statistics"] if entry["known_samples"]]
    keys = [entry["key"] for entry in statistics]
    found = facts["correlations"]
    shown = [found["channels"].index(key) for key in keys]
    classes = _matrix(found["class_by_class"], found["channels"])[np.ix_(shown, shown)]
    by_source = _matrix(found["class_by_source"], found["sources"])[shown]
    return {
        "prevalence": Markup(bars(keys, [entry["prevalence"] for entry in statistics])),  # noqa: S704
        "area": Markup(bars(keys, [entry["area_mean"] for entry in statistics])),  # noqa: S704
        "classes": Markup(heatmap(keys, keys, classes)),  # noqa: S704 - escaped where it is made
        "sources": Markup(heatmap(keys, found["sources"], by_source)),  # noqa: S704
        "pairs": [
            Markup(scatter(plot["x"], plot["y"], np.array(plot["points"])))  # noqa: S704
            for plot in facts["pair_plots"]
        ],
    }


def _matrix(rows: Sequence[Sequence[float | None]], columns: Sequence[str]) -> Any:  # noqa: ANN401
    values = np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=float)
    return values.reshape(len(rows), len(columns))
