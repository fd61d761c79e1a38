"""How the source is to be shown, for a presentation state: it replaces what the image says.

A presentation state without a window shows the film without one, so all of it is repeated:
Modality LUT, VOI LUT or window, polarity, shutter, the shape of a pixel (PS3.4 N.2).
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from service.domain.image import PixelSpacing

_LUT_KEYWORDS = (
    "ModalityLUTSequence",
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
    "VOILUTSequence",
    "WindowCenter",
    "WindowWidth",
    "WindowCenterWidthExplanation",
    "VOILUTFunction",
)
_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")
_SHUTTERS = {
    "RECTANGULAR": (
        "ShutterLeftVerticalEdge",
        "ShutterRightVerticalEdge",
        "ShutterUpperHorizontalEdge",
        "ShutterLowerHorizontalEdge",
    ),
    "CIRCULAR": ("CenterOfCircularShutter", "RadiusOfCircularShutter"),
    "POLYGONAL": ("VerticesOfThePolygonalShutter",),
}
_DESCRIPTOR_VALUES = 3
_LARGEST_DENOMINATOR = 1000


def without_luts(source: Dataset) -> Dataset:
    """Return a copy without lookup tables and windows: highdicom fails on contradicting ones."""
    copy = Dataset()
    copy.update(source)
    for keyword in _LUT_KEYWORDS:
        copy.pop(keyword, None)
    return copy


def describe_display(made: Dataset, source: Dataset, spacing: PixelSpacing) -> None:
    """Write into the presentation state `made` how `source` itself is to be shown."""
    _modality_lut(made, source)
    _voi_lut(made, source)
    made.PresentationLUTShape = (
        "INVERSE" if source.get("PhotometricInterpretation") == "MONOCHROME1" else "IDENTITY"
    )
    _shutter(made, source)
    ratio = Fraction(spacing.aspect).limit_denominator(_LARGEST_DENOMINATOR)
    for area in made.DisplayedAreaSelectionSequence:
        area.PresentationPixelAspectRatio = [ratio.numerator, ratio.denominator]


def _modality_lut(made: Dataset, source: Dataset) -> None:
    table = next(_tables(source, "ModalityLUTSequence"), None)
    if table is not None:
        table.ModalityLUTType = source.ModalityLUTSequence[0].get("ModalityLUTType") or "US"
        made.ModalityLUTSequence = [table]
    elif source.get("RescaleSlope") and source.get("RescaleIntercept") is not None:
        made.RescaleSlope, made.RescaleIntercept = source.RescaleSlope, source.RescaleIntercept
        made.RescaleType = source.get("RescaleType") or "US"


def _voi_lut(made: Dataset, source: Dataset) -> None:
    """Write the first usable lookup table, else the first usable window, as the analysis does."""
    table = next(_tables(source, "VOILUTSequence"), None)
    item = next(_windows(source), None)
    if table is not None:
        item = Dataset()
        item.VOILUTSequence = [table]
    if item is not None:
        made.SoftcopyVOILUTSequence = [item]


def _windows(source: Dataset) -> Iterator[Dataset]:
    centers, widths = (_values(source, keyword) for keyword in ("WindowCenter", "WindowWidth"))
    function = source.get("VOILUTFunction")
    for center, width in zip(centers, widths, strict=False):
        if float(width) >= 1:
            window = Dataset()
            window.WindowCenter, window.WindowWidth = center, width
            if function in _FUNCTIONS:
                window.VOILUTFunction = function
            yield window


def _tables(source: Dataset, keyword: str) -> Iterator[Dataset]:
    for item in source.get(keyword, []):
        descriptor, data = _values(item, "LUTDescriptor"), item.get("LUTData")
        if len(descriptor) == _DESCRIPTOR_VALUES and data:
            table = Dataset()
            vr = "US" if min(descriptor) >= 0 else "SS"
            table.add_new("LUTDescriptor", vr, [int(each) for each in descriptor])
            table.add_new("LUTData", "OW", _words(data))
            yield table


def _words(data: object) -> bytes:
    return data if isinstance(data, bytes) else np.asarray(data).astype("<u2").tobytes()


def _values(source: Dataset, keyword: str) -> list[Any]:
    if keyword not in source or source[keyword].is_empty:
        return []
    element = source[keyword]
    return list(element.value) if element.VM > 1 else [element.value]


def _shutter(made: Dataset, source: Dataset) -> None:
    shapes = [shape for shape in _values(source, "ShutterShape") if shape in _SHUTTERS]
    edges = tuple(chain.from_iterable(_SHUTTERS[shape] for shape in shapes))
    if not shapes or any(not _values(source, keyword) for keyword in edges):
        return
    made.ShutterShape = shapes
    for keyword in edges:
        setattr(made, keyword, source.get(keyword))
    made.ShutterPresentationValue = 0
