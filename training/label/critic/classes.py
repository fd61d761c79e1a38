"""The ensemble's classes by the key under which a judge is asked about them.

The anatomy table has ribs in two parts, but a member names a rib as a whole.
"""

from collections.abc import Mapping

from training.label.derive.rib_codes import PAIRS, SIDES
from training.label.derive.totalsegmentator import AORTA, FIRST_RIB, IDS
from training.label.total_ids import LEFT_LUNG, RIGHT_LUNG

WHOLE_RIBS: Mapping[str, str] = {
    f"rib_{rib}_{side}": f"{side.capitalize()} rib {rib}"
    for side in SIDES
    for rib in range(1, PAIRS + 1)
}
"""Key to words."""
CLASS_KEYS: Mapping[int, str] = {
    **{ids[0]: key for key, ids in IDS.items()},
    **{
        FIRST_RIB[side] + rib - 1: f"rib_{rib}_{side}"
        for side in SIDES
        for rib in range(1, PAIRS + 1)
    },
    AORTA: "aorta",
    LEFT_LUNG: "left_lung",
    RIGHT_LUNG: "right_lung",
}
"""Class id to key; what the table has no word for (spleen, muscles) is not asked about."""
