"""How much of this machine one instance may use before it is given up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Caps on a file, its header, its picture and the child process that decodes it.

    The defaults let the largest real detectors through (about 20 megapixels, 40 MB).
    `header_reads` counts pydicom's reads, one to three per element. The processor's time tells a
    hostile codestream; the clock only ends a child that a starving machine does not let run.
    """

    file_bytes: int = 512 * 1024**2
    header_bytes: int = 64 * 1024**2
    header_reads: int = 100_000
    pixels: int = 100_000_000
    address_space_bytes: int = 2_500 * 1024**2
    cpu_seconds: int = 20
    wall_seconds: float = 60.0


DEFAULT_LIMITS = DecodeLimits()
