"""Freed memory is kept: a step asks for the same hundreds of megabytes as the one before it.

By default the C library gives large blocks back at once, and the kernel clears new pages for every
tensor: a tenth to a sixth of a training step on a CPU.
"""

import ctypes
import sys

# Numbers of <malloc.h>.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
NEVER = 2**31 - 1
STEP_BYTES = 256 * 2**20


def keep_freed_memory() -> bool:
    """Tell the C library; returns whether it is one that can be told (glibc)."""
    if not sys.platform.startswith("linux"):
        return False
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is None:
        return False
    settings = ((MMAP_MAX, 0), (TRIM_THRESHOLD, NEVER), (TOP_PAD, STEP_BYTES))
    answers = [tell(key, value) for key, value in settings]
    return all(answer == 1 for answer in answers)
