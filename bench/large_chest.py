"""A radiograph of 2991 x 2500 pixels with the 159 overlapping labels of CXAS, to be encoded.

84 masks are the projected CT of tests/golden, enlarged. What a scan of the thorax cannot give
(abdomen, chambers of the heart, zones of the lung) takes the shape of another mask, moved; labels
of both sides are the union of the sides. Their edges are as long as an organ's: that counts.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from service.anatomy.structures import Structure, structures
from service.domain.analysis import Analysis
from service.domain.segmentation import Segmentation
from tests.builders import build_dx
from tests.golden import golden_frontal
from tests.headers import analysis_of

Mask = NDArray[np.bool_]
STEP = 7
"""Pixels of the small picture by which a borrowed mask is moved, times its number."""


def large_chest(rows: int, columns: int) -> tuple[Dataset, Analysis]:
    """Return a source header and the analysis that found every label."""
    header = build_dx(np.zeros((8, 8), np.uint16))
    analysis = analysis_of(header)
    labels = [structure for structure in structures() if structure.cxas_name is not None]
    masks = np.empty((len(labels), rows, columns), np.bool_)
    for index, small in enumerate(_small(labels)):
        masks[index] = _enlarged(small, rows, columns)
    segmentation = Segmentation(
        tuple(label.to_segment() for label in labels), masks, np.ones(len(labels), np.float32)
    )
    header.Rows, header.Columns = rows, columns
    return header, _with_masks(analysis, segmentation)


def _with_masks(analysis: Analysis, segmentation: Segmentation) -> Analysis:
    pixels = np.zeros(segmentation.masks.shape[1:], np.float32)
    return replace(
        analysis, image=replace(analysis.image, pixels=pixels), segmentation=segmentation
    )


def _small(labels: list[Structure]) -> Iterator[Mask]:
    golden = golden_frontal().segmentation
    known = {segment.key: mask for segment, mask in zip(golden.segments, golden.masks, strict=True)}
    shapes = list(known.values())
    for label in labels:
        sides = [known.get(f"{label.key}_{side}") for side in ("right", "left")]
        if label.key in known:
            yield known[label.key]
        elif sides[0] is not None and sides[1] is not None:
            yield sides[0] | sides[1]
        else:
            shape = shapes[label.number % len(shapes)]
            yield np.roll(shape, label.number % 5 * STEP, axis=0)


def _enlarged(mask: Mask, rows: int, columns: int) -> Mask:
    down = np.arange(rows) * mask.shape[0] // rows
    across = np.arange(columns) * mask.shape[1] // columns
    return mask[down[:, None], across]
