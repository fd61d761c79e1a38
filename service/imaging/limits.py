"""How much of this machine one instance may use before it is given up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Caps on a file, its header, its picture and the child process that decodes it.

    The defaults let the largest real detectors through (about 20 megapixels, 40 MB).
    `header_reads` counts pydicom's reads, one to three per element.
    """

    file_bytes: int = 512 * 1024**2
    header_bytes: int = 64 * 1024**2
    header_reads: int = 100_000
    pixels: int = 100_000_000
    address_space_bytes: int = 2_500 * 1024**2
    cpu_seconds: int = 20
    wall_seconds: float = 30.0


DEFAULT_LIMITS = DecodeLimits()
