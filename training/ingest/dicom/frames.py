"""One slice each, from single-frame CT or from the frames of Enhanced CT."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.ingest.refusal import Reason, Refused
from training.ingest.volume import AIR_HU

COSINE_SLACK = 1e-3


@dataclass(frozen=True, slots=True)
class Frame:
    """One slice in HU; position (3,) and the cosines along a row and down a column, LPS mm.

    `spacing_mm` is (rows, columns): the distance between rows first, as in Pixel Spacing.
    """

    values: npt.NDArray[np.float32]
    position: npt.NDArray[np.float64]
    along_row: npt.NDArray[np.float64]
    along_column: npt.NDArray[np.float64]
    spacing_mm: tuple[float, float]

    @property
    def normal(self) -> npt.NDArray[np.float64]:
        """The direction of the stack."""
        return np.cross(self.along_row, self.along_column)


def is_localizer(dataset: Any) -> bool:  # noqa: ANN401 - a pydicom dataset
    """Whether a slice is a scout view (PS3.3 C.8.2.1.1.1, third value of Image Type)."""
    return "LOCALIZER" in [str(word).upper() for word in dataset.get("ImageType", [])]


def frames_of(dataset: Any) -> Iterator[Frame]:  # noqa: ANN401
    """The slices of one object; raises Refused."""
    if int(dataset.get("SamplesPerPixel", 1)) != 1:
        raise Refused(Reason.COLOUR, "more than one sample a pixel")
    stored = _stored(dataset)
    if "PerFrameFunctionalGroupsSequence" not in dataset:
        yield _frame(dataset, [dataset], stored.reshape(stored.shape[-2:]))
        return
    shared = list(dataset.get("SharedFunctionalGroupsSequence", []))
    stack = stored.reshape(-1, *stored.shape[-2:])
    groups = dataset.PerFrameFunctionalGroupsSequence
    if len(groups) != len(stack):
        raise Refused(Reason.TRUNCATED, f"{len(stack)} frames, {len(groups)} described")
    for group, values in zip(groups, stack, strict=True):
        yield _frame(dataset, [*_items(group), *(i for s in shared for i in _items(s))], values)


def _items(group: Any) -> list[Any]:  # noqa: ANN401
    """The macros of a functional group, each the single item of its sequence."""
    return [item for element in group if element.VR == "SQ" for item in element.value]


def _stored(dataset: Any) -> npt.NDArray[Any]:  # noqa: ANN401
    if "PixelData" not in dataset:
        raise Refused(Reason.TRUNCATED, "no pixel data")
    compressed = dataset.file_meta.TransferSyntaxUID.is_compressed
    try:
        return np.asarray(dataset.pixel_array)
    except Exception as error:  # the edge to decoders: every plug-in raises kinds of its own
        reason = Reason.UNDECODABLE if compressed else Reason.TRUNCATED
        raise Refused(reason, f"pixel data: {type(error).__name__}") from error


def _first(keyword: str, sources: list[Any]) -> Any:  # noqa: ANN401
    return next((s[keyword].value for s in sources if keyword in s and s[keyword].value), None)


def _frame(dataset: Any, sources: list[Any], stored: npt.NDArray[Any]) -> Frame:  # noqa: ANN401
    position = _first("ImagePositionPatient", sources)
    orientation = _first("ImageOrientationPatient", sources)
    spacing = _first("PixelSpacing", sources)
    if position is None or orientation is None or spacing is None:
        raise Refused(Reason.NO_GEOMETRY, "position, orientation or pixel spacing is missing")
    cosines = np.asarray(orientation, float).reshape(2, 3)
    if np.abs(cosines @ cosines.T - np.eye(2)).max() > COSINE_SLACK or min(spacing) <= 0:
        raise Refused(Reason.NO_GEOMETRY, "orientation or spacing is impossible")
    return Frame(
        values=_hounsfield(dataset, sources, stored),
        position=np.asarray(position, float),
        along_row=cosines[0],
        along_column=cosines[1],
        spacing_mm=(float(spacing[0]), float(spacing[1])),
    )


def _hounsfield(
    dataset: Any,  # noqa: ANN401
    sources: list[Any],
    stored: npt.NDArray[Any],
) -> npt.NDArray[np.float32]:
    """Rescaled values; padding becomes air.

    MONOCHROME1 is nonsense for CT, but only says how to show values: HU follow from the rescale
    all the same, and the gate of the scale sees where they do not.
    """
    slope = _first("RescaleSlope", sources)
    intercept = _first("RescaleIntercept", sources)
    values = stored.astype(np.float32) * float(1 if slope is None else slope)
    values += float(intercept or 0)
    padding = dataset.get("PixelPaddingValue")
    if padding is not None:
        ends = sorted((int(padding), int(dataset.get("PixelPaddingRangeLimit", padding))))
        values[(stored >= ends[0]) & (stored <= ends[1])] = AIR_HU
    return values
