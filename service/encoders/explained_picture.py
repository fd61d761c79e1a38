"""One measurement drawn over its film from the stored files of a result: no model, no instance.

film.jpg holds the film as the overlay shows it, masks.npz the masks, result.json the points.
"""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from service.anatomy.structures import structures_by_key
from service.domain.analysis import Analysis
from service.domain.identifiers import (
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.domain.image import PixelSpacing, SourceImage, SpacingProvenance, ViewPosition
from service.domain.measurement import Line, Measurement, MeasurementStatus
from service.domain.model import ModelIdentity
from service.domain.segmentation import Code, Segmentation
from service.encoders.files import read_masks, write_bytes
from service.encoders.overlay import render_overlay
from service.encoders.picture import grey_picture, picture_scale
from service.errors import MissingSegment

FILM = "film.jpg"
_QUALITY = 90
Stored = Mapping[str, Any]


def write_film(analysis: Analysis, path: Path) -> None:
    """Write the film alone as a JPEG of the overlay's size, bright = dense."""
    grey = grey_picture(analysis.image.pixels, picture_scale(analysis))[:, :, 0]
    buffer = BytesIO()
    Image.fromarray(grey.round().astype(np.uint8)).save(buffer, "JPEG", quality=_QUALITY)
    write_bytes(buffer.getbuffer(), path)


def explained_picture(folder: Path, key: str) -> bytes:
    """Return a PNG of the measurement called `key`: its structures, points and construction.

    Raises MissingSegment when the result has no such measurement.
    """
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    found = next((each for each in result["measurements"] if each["key"] == key), None)
    if found is None:
        raise MissingSegment(f"the result has no measurement {key}")
    buffer = BytesIO()
    picture = render_overlay(_analysis(folder, result, _measurement(found)))
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def _analysis(folder: Path, result: Stored, measurement: Measurement) -> Analysis:
    """Return the analysis as far as the picture needs it: one measurement and its structures."""
    return Analysis(
        image=_image(folder, result["source"]),
        model=ModelIdentity(**result["model"]),
        segmentation=_segmentation(folder, result, measurement.segments),
        measurements=(measurement,),
        quality=(),
    )


def _image(folder: Path, source: Stored) -> SourceImage:
    spacing = source["spacing"]
    with Image.open(folder / FILM) as stored:
        film = stored.resize((source["columns"], source["rows"]))
    return SourceImage(
        reference=InstanceReference(
            StudyInstanceUID(source["study_instance_uid"]),
            SeriesInstanceUID(source["series_instance_uid"]),
            SOPInstanceUID(source["sop_instance_uid"]),
            SOPClassUID(source["sop_class_uid"]),
        ),
        pixels=np.asarray(film, dtype=np.float32),
        spacing=PixelSpacing(
            spacing["row_mm"], spacing["column_mm"], SpacingProvenance(spacing["provenance"])
        ),
        view=ViewPosition(source["view"]),
        patient_left_is_on_image_right=None,
    )


def _segmentation(folder: Path, result: Stored, wanted: tuple[str, ...]) -> Segmentation:
    table, probabilities = structures_by_key(), _probabilities(result)
    keys, masks = read_masks(folder / "masks.npz", [key for key in wanted if key in table])
    return Segmentation(
        tuple(table[key].to_segment() for key in keys),
        masks,
        np.array([probabilities.get(key, 0) for key in keys], np.float32),
    )


def _probabilities(result: Stored) -> dict[str, float]:
    return {segment["key"]: segment["probability"] for segment in result["segments"]}


def _measurement(stored: Stored) -> Measurement:
    return Measurement(
        key=stored["key"],
        name=stored["name"],
        code=Code(**stored["code"]),
        unit=Code(stored["unit"], "UCUM", stored["unit"]),
        finding_site=Code("", "", ""),
        segments=tuple(stored["segments"]),
        status=MeasurementStatus(stored["status"]),
        value=stored["value"],
        reason=stored["reason"],
        points=_line(stored["points"]),
        aids=tuple(_line(aid) for aid in stored.get("aids", ())),
    )


def _line(points: list[tuple[float, float]]) -> Line:
    return tuple((float(row), float(column)) for row, column in points)
