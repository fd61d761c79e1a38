"""Lines and outlines as the report draws them: on the source image, from its top left corner."""

import highdicom as hd
import numpy as np
from numpy.typing import NDArray

from service.domain.image import SourceImage
from service.domain.measurement import Line


def region(points: Line, image: SourceImage) -> hd.sr.ImageRegion:
    """Return the Image Region of a group: a point, or a polyline that is closed if it ends so.

    A spatial coordinate in two dimensions has no polygon: a closed outline is a polyline whose
    last point is its first (PS3.3 C.18.6.1.1).
    """
    return hd.sr.ImageRegion(
        graphic_type=(
            hd.sr.GraphicTypeValues.POINT if len(points) == 1 else hd.sr.GraphicTypeValues.POLYLINE
        ),
        graphic_data=graphic_data(points, image.rows, image.columns),
        source_image=hd.sr.SourceImageForRegion(
            referenced_sop_class_uid=image.reference.sop_class_uid,
            referenced_sop_instance_uid=image.reference.sop_instance_uid,
        ),
    )


def graphic_data(points: Line, rows: int, columns: int) -> NDArray[np.float64]:
    """Return (column, row) pairs from the image's top left corner (PS3.3 C.18.6.1.2).

    Our points count from the first pixel's centre, which is (0.5, 0.5) there.
    """
    column_row = np.asarray(points, dtype=np.float64)[:, ::-1] + 0.5
    bounded: NDArray[np.float64] = np.clip(column_row, 0, (columns, rows))
    return bounded
