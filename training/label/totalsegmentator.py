"""TotalSegmentator v2 `total` class ids to the structures of `training.channels`."""

import numpy as np
import numpy.typing as npt

from training.channels import Structure as S  # noqa: N817 - named often

# Ids of totalseg_v2_classmap.json; what lies between the lungs and is no heart, aorta or airway is
# the rest of the mediastinum (oesophagus, great vessels, atrial appendage).
IDS: dict[S, tuple[int, ...]] = {
    S.LEFT_LUNG: (10, 11),
    S.RIGHT_LUNG: (12, 13, 14),
    S.HEART: (51,),
    S.AORTA: (52,),
    S.TRACHEA: (16,),
    S.MEDIASTINUM_REST: (15, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62),
    S.SCAPULA_LEFT: (71,),
    S.SCAPULA_RIGHT: (72,),
    S.CLAVICLE_LEFT: (73,),
    S.CLAVICLE_RIGHT: (74,),
    S.SPINE: (25, 26, *range(27, 51)),
    S.RIBS: (*range(92, 116),),
}


def from_totalsegmentator(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Structures (z, y, x) from a TotalSegmentator v2 label map of the same shape."""
    table = np.zeros(256, dtype=np.uint8)
    for structure, ids in IDS.items():
        table[list(ids)] = structure
    return table[labels]
