"""TotalSegmentator v2 `total` class ids as organs of the structure table.

Ids: totalseg_v2_classmap.json of TotalSegmentator 2.18 (Apache-2.0). What the table has no word for
(muscles, spleen, colon, neck vessels) is left out.
"""

import numpy as np

from training.channels import number_of
from training.label.derive.aorta import split_aorta
from training.label.derive.derived import Derived, Spacing
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import PAIRS, rib_code
from training.label.derive.ribs import split_ribs
from training.label.labelled import Labels

AORTA = 52
FIRST_RIB = {"left": 92, "right": 104}
# The vertebrae count upwards from L5. 118 is what one labelled public volume has for cartilage.
IDS: dict[str, tuple[int, ...]] = {
    "kidney_right": (2,),
    "kidney_left": (3,),
    "liver": (5,),
    "stomach": (6,),
    "pancreas": (7,),
    "lung_upper_lobe_left": (10,),
    "lung_lower_lobe_left": (11,),
    "lung_upper_lobe_right": (12,),
    "lung_middle_lobe_right": (13,),
    "lung_lower_lobe_right": (14,),
    "esophagus": (15,),
    "trachea": (16,),
    "small_bowel": (18,),
    "duodenum": (19,),
    "heart": (51, 61),  # with the left atrial appendage, which is drawn apart
    "superior_vena_cava": (62,),
    "inferior_vena_cava": (63,),
    "scapula_left": (71,),
    "scapula_right": (72,),
    "clavicle_left": (73,),
    "clavicle_right": (74,),
    "sternum": (116,),
    "rib_cartilage": (117, 118),
    **{key: (50 - place,) for place, key in enumerate(VERTEBRAE)},
}


def from_totalsegmentator(ids: Labels, spacing_mm: Spacing) -> Derived:
    """Return the organs (z, y, x) of a TotalSegmentator v2 label map of the same shape.

    Every key that the classes can say is known: bones one by one with ribs in two parts, lobes,
    the aorta's parts where it is cut twice.
    """
    table = np.zeros(256, np.uint8)
    for key, members in IDS.items():
        table[list(members)] = number_of(key)
    parts = split_aorta(ids == AORTA, spacing_mm), split_ribs(whole_ribs_of(ids), spacing_mm)
    labels = table[ids]
    for part in parts:
        labels = part.onto(labels)
    known = frozenset(IDS) | {"right_lung", "left_lung"} | parts[0].known | parts[1].known
    return Derived(labels, known, dict(parts[0].unknown))


def whole_ribs_of(ids: Labels) -> Labels:
    """Return rib codes (z, y, x) from class ids."""
    table = np.zeros(256, np.uint8)
    for side, first in FIRST_RIB.items():
        for rib in range(1, PAIRS + 1):
            table[first + rib - 1] = rib_code(rib, side)
    return table[ids]
