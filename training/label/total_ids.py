"""TotalSegmentator v2 `total` class ids by group: what members hand to each other.

Source: totalseg_v2_classmap.json of TotalSegmentator 2.18 (Apache-2.0).
"""

TRACHEA, SPINAL_CORD, STERNUM = 16, 79, 116
HEART, ATRIAL_APPENDAGE, AORTA = 51, 61, 52
LEFT_LOBES = (10, 11)
RIGHT_LOBES = (12, 13, 14)
LOBES = (*LEFT_LOBES, *RIGHT_LOBES)
VERTEBRAE = tuple(range(26, 51))  # S1, L5 up to C1
T1, T12, L1 = 43, 32, 31
LEFT_RIBS = tuple(range(92, 104))  # first to twelfth
RIGHT_RIBS = tuple(range(104, 116))
RIBS = (*LEFT_RIBS, *RIGHT_RIBS)
HUMERI, SCAPULAE, CLAVICLES = (69, 70), (71, 72), (73, 74)
# 117, and 118 in the one public label map that was to be had here.
CARTILAGES = (117, 118)
# Bones that stand out by their density; cartilage does not.
BONES = (25, *VERTEBRAE, *HUMERI, *SCAPULAE, *CLAVICLES, *RIBS, STERNUM)
EVERY_ID = frozenset(range(1, 118))
# Beyond TotalSegmentator's own: a whole lung, where nobody knows the lobes.
LEFT_LUNG, RIGHT_LUNG = 201, 202
