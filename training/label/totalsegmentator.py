"""TotalSegmentator v2 `total` class ids to the structure numbers of the ORGANS layer."""

import numpy as np

from training.channels import number_of
from training.label.labelled import Labels

# Ids of totalseg_v2_classmap.json. Vertebrae count upwards from L5. A rib is entered as its
# posterior part until it is split; vessels and organs that no channel needs are left out.
_VERTEBRAE = [
    *(f"vertebra_l{n}" for n in range(5, 0, -1)),
    *(f"vertebra_t{n}" for n in range(12, 0, -1)),
    *(f"vertebra_c{n}" for n in range(7, 0, -1)),
]
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
    **{key: (27 + place,) for place, key in enumerate(_VERTEBRAE)},
    "heart": (51,),
    "aorta": (52,),
    "superior_vena_cava": (62,),
    "inferior_vena_cava": (63,),
    "scapula_left": (71,),
    "scapula_right": (72,),
    "clavicle_left": (73,),
    "clavicle_right": (74,),
    **{f"posterior_rib_{n}_left": (91 + n,) for n in range(1, 12)},
    "rib_12_left": (103,),
    **{f"posterior_rib_{n}_right": (103 + n,) for n in range(1, 12)},
    "rib_12_right": (115,),
    "sternum": (116,),
    "rib_cartilage": (117, 118),
}


def from_totalsegmentator(labels: Labels) -> Labels:
    """Structure numbers (z, y, x) from a TotalSegmentator v2 label map of the same shape."""
    table = np.zeros(256, dtype=np.uint8)
    for key, ids in IDS.items():
        table[list(ids)] = number_of(key)
    return np.asarray(table[labels], dtype=np.uint8)
