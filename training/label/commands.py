"""The verb `label-report`: the atlas judged backwards, as a table."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse keeps the type to itself
    """Add the verb to the parser of `thorax-train`."""
    text = "carry the atlas's labels back from every volume and score them on the atlas"
    report = commands.add_parser("label-report", help=text, description=text)
    report.add_argument("recipe", type=Path, help="experiment whose volumes are labelled")
    report.add_argument("--work", type=Path, default=Path(".thorax-training"))
    report.add_argument("--page", type=Path, help="put the table between its marks, docs/labels.md")
    report.add_argument("--json", type=Path, help="write every class's Dice here")
    report.set_defaults(call=_label_report)


def _label_report(options: argparse.Namespace) -> int:
    from training.experiment import read_recipe
    from training.label.backwards import as_json, as_table, judge_backwards, write_table

    atlases = read_recipe(options.recipe).label.atlases
    if not atlases:
        print("thorax-train: the recipe names no atlas", file=sys.stderr)  # noqa: T201
        return 1
    work = options.work
    stage = judge_backwards(work / "ingest", work / "label", work / "label-report", atlases[0])
    table = as_table(stage.items)
    print(table)  # noqa: T201
    if options.page:
        write_table(options.page, table)
    if options.json:
        options.json.write_text(as_json(stage.items), encoding="utf-8")
    return 0
