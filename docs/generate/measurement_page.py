"""docs/measurements.md from the registry: what each measurement is, for people who check it."""

from collections.abc import Iterator, Sequence

from docs.generate.golden_film import golden_subject, measured
from service import measurements
from service.domain.gate import ALWAYS
from service.domain.measurement import Measurement, NormalRange
from service.domain.segmentation import Code
from service.encoders.value_text import normal_text, unit_text, value_text
from service.measurements.registry import MEASUREMENTS, Definition
from service.plugins import load

INTRODUCTION = """\
# Measurements

<!-- Written by `make docs` from service/measurements/: change the definition there. -->

Every measurement that a result may hold. Each is one file in `service/measurements/`.

- **Pictures** show a simulated radiograph of a real CT ([its source](../tests/golden/README.md))
  with the masks that this CT gives, and the lines that a result draws. The value under *here* is
  the picture's. It shows how the measurement is taken, not how well a model does it.
- **Masks.** Only the largest connected piece of a structure is measured. Threads of pixels move no
  border. Positions are those of pixel edges on the film's own grid.
- **Millimetres** come from the header alone, and each value says from where; see
  [input](input.md). Without a spacing a length is *not measured*; ratios and angles need none.
  Angles are refused where the header says that pixels are not square and gives no spacing.
- **Right and left** are the patient's, whichever way the film lies.
- **Gates** are the checks whose failure stops the measurement, with that check's reason;
  {always} stop every one. A structure that was not found is named as the reason.
- **Interval.** The film is measured eight more times, turned by 2 degrees to either side, scaled by
  4 % either way and made noisy (2 % of the grey range). 95 % of such repetitions fall into the
  interval (`service/measurements/repeatability.py`); a mask that is always wrong keeps it narrow.
- **Normal ranges** hold for the population and the view that stand beside them, and for no other.
"""


def measurement_page() -> str:
    """Return the page's text."""
    load(measurements)
    definitions = [definition for _, definition in MEASUREMENTS]
    always = ", ".join(f"`{gate}`" for gate in ALWAYS)
    blocks = [INTRODUCTION.format(always=always), "\n".join(_contents(definitions)) + "\n"]
    blocks += ["\n".join(_section(definition)) + "\n" for definition in definitions]
    return "\n".join(blocks)


def picture_name(definition: Definition) -> str:
    """Return the picture's file name in docs/images/measurements/."""
    return f"{definition.key}.jpg"


def _contents(definitions: list[Definition]) -> Iterator[str]:
    yield "| measurement | key | unit | view |"
    yield "|---|---|---|---|"
    for each in definitions:
        link = f"[{each.name}](#{each.key.replace('_', '-')})"
        view = golden_subject(each)[0]
        yield f"| {link} | `{each.key}` | {each.unit.value} | {view} |"


def _section(definition: Definition) -> Iterator[str]:
    yield f"## {definition.key.replace('_', ' ').capitalize()}"
    yield ""
    yield f"![{definition.name}](images/measurements/{picture_name(definition)})"
    yield ""
    yield definition.definition
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, text in _rows(definition):
        yield f"| {name} | {text.replace('|', '&#124;')} |"


def _rows(definition: Definition) -> Iterator[tuple[str, str]]:
    yield "formula", definition.formula
    yield "source", definition.source
    yield "unit, code", f"{_code(definition.unit)}; {_code(definition.code)}"
    yield "place", _code(definition.finding_site)
    yield "structures", ", ".join(f"`{key}`" for key in definition.segments)
    yield "gates", ", ".join(f"`{gate}`" for gate in definition.gates) or "those of every one"
    for normal in definition.normal:
        yield "normal range", _normal(normal, definition.unit.value)
    if not definition.normal:
        yield "normal range", "none stated"
    if definition.drawn_with:
        yield "drawn on", f"the line of `{definition.drawn_with}`"
    yield "here", "; ".join(_values(measured(definition)))


def _code(code: Code) -> str:
    return f"{code.value} {code.scheme} “{code.meaning}”"


def _normal(normal: NormalRange, unit: str) -> str:
    views = ", ".join(normal.views) or "any view"
    limits = normal_text(normal, unit)
    shown = f"{limits} {unit_text(unit)}".strip()
    return f"{shown}: {normal.population} ({views}). {normal.source}"


def _values(found: Sequence[Measurement]) -> Iterator[str]:
    """Yield name and value of each, numbered as in the picture when there are several."""
    for number, each in enumerate(found, start=1):
        numbered = f"{number}: {each.name}" if len(found) > 1 else each.name
        if each.value is None:
            yield f"{numbered}: not measured, {each.reason}"
        else:
            yield f"{numbered} {value_text(each.value, each.unit.value)}"
