"""What the page says, in words: who, which values, which doubts, where from."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import ImageFont
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from service import __version__
from service.domain.analysis import Analysis
from service.domain.image import PixelSpacing
from service.domain.measurement import Measurement, MeasurementStatus
from service.encoders.drawn import Colour, DrawnLine, change_of, drawn_lines, is_remarkable
from service.encoders.letters import font
from service.encoders.overlay_remarks import doubt_texts, refusal_texts
from service.encoders.value_text import change_text, interval_text, normal_text, value_text

HEADINGS = ("", "Measurement", "Value", "95 % interval", "Usual", "Before, change")
_NO_LETTERS = "written in letters that this page does not have; it is in the DICOM header"
_MISSING = "\uffff"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured value; `cells` stand below HEADINGS."""

    cells: tuple[str, str, str, str, str, str]
    colour: Colour | None
    is_remarkable: bool


def identification(analysis: Analysis, source: Dataset) -> list[str]:
    """Return who and which film: the number always, the name where the letters can show it.

    A name of which letters were missing might be another patient's.
    """
    patient = [f"Patient ID: {_shown(str(source.PatientID)) or _NO_LETTERS}"]
    patient.append(f"Name: {_name(source.PatientName)}")
    study = [
        f"Study date: {_day(str(source.StudyDate))}",
        f"Accession number: {_shown(str(source.AccessionNumber)) or '-'}",
        f"View: {analysis.image.view}",
    ]
    return [" · ".join(patient), " · ".join(study)]


def table_rows(analysis: Analysis) -> list[Row]:
    """Return the measured values: those with lines in the order of their numbers, then others."""
    lines = drawn_lines(analysis)
    drawn = {m.key for line in lines for m in line.shown}
    others = (
        m
        for m in analysis.measurements
        if m.status is MeasurementStatus.MEASURED and m.key not in drawn
    )
    return [
        *(_row(m, analysis, line) for line in lines for m in line.shown),
        *(_row(m, analysis, None) for m in others),
    ]


def doubts(analysis: Analysis) -> tuple[list[str], list[str]]:
    """Return what quality checks warn of, and what was not measured and why."""
    return list(doubt_texts(analysis)), list(refusal_texts(analysis))


def provenance(analysis: Analysis) -> Iterator[str]:
    """Yield where the values come from, down to the weights."""
    prior, model = analysis.prior, analysis.model
    if prior is not None:
        yield (
            f"Compared with the radiograph of {_day(prior.acquired)} ({prior.view}), SOP Instance "
            f"UID {prior.reference.sop_instance_uid}, measured by the same model."
        )
    yield f"Millimetres: {_spacing(analysis.image.spacing)}."
    yield f"Source: SOP Instance UID {analysis.image.reference.sop_instance_uid}."
    yield (
        f"Made by Thorax {__version__} with the model {model.name} {model.version}, weights "
        f"SHA-256 {model.sha256}. The interval is that within which 95 % of repeated "
        "measurements of this film fall. No person has looked at these values."
    )


def _row(measurement: Measurement, analysis: Analysis, line: DrawnLine | None) -> Row:
    unit = measurement.unit.value
    is_first = line is not None and line.measurement.key == measurement.key
    cells = (
        str(line.number) if line is not None and is_first else "",
        measurement.name,
        value_text(measurement.value or 0.0, unit),
        interval_text(measurement),
        normal_text(measurement.normal, unit),
        change_text(change_of(analysis, measurement.key), unit),
    )
    return Row(cells, line.colour if line else None, is_remarkable(measurement, analysis))


def _name(name: PersonName | str) -> str:
    """Return the first form (alphabetic, ideographic, phonetic) that can be shown."""
    forms = [form for form in str(name).split("=") if form.strip("^ ")]
    shown = (_shown(form.replace("^", " ")) for form in forms)
    found = next((" ".join(form.split()) for form in shown if form), None)
    return found or (_NO_LETTERS if forms else "-")


def _shown(text: str) -> str:
    """Return `text` when each of its letters can be shown, else an empty one."""
    letters = font(20)
    return text if all(_has_letter(letters, each) for each in text) else ""


def _has_letter(letters: ImageFont.FreeTypeFont, letter: str) -> bool:
    return letter == " " or bytes(letters.getmask(letter)) != bytes(letters.getmask(_MISSING))


def _day(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == len("YYYYMMDD") else date or "-"


def _spacing(spacing: PixelSpacing) -> str:
    if spacing.row_mm is None or spacing.column_mm is None:
        return "none, since no pixel spacing is known"
    return (
        f"from a pixel spacing of {spacing.row_mm:.4g} x {spacing.column_mm:.4g} mm "
        f"({spacing.provenance.value.replace('_', ' ')})"
    )
