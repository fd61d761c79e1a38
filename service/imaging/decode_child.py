"""The process in which codecs run: encoded pixels come in by stdin, samples leave by stdout.

Started as a script and on its own, so that it imports a codec and numpy and nothing else. It
binds its own hands before it reads a byte; what it may not do, the system ends.
"""

import os
import resource
import sys
from collections.abc import Callable

# A process that decodes one picture needs no pool of threads, each with its own address space.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

EXIT_UNDECODABLE = 65


def decode_jpeg(codestream: bytes, _pixels: int, _bits: int) -> bytes:
    """Return the samples of a JPEG, lossy or lossless."""
    from libjpeg.utils import decode

    samples: bytes = decode(codestream).tobytes()
    return samples


def decode_jpeg_ls(codestream: bytes, _pixels: int, _bits: int) -> bytes:
    """Return the samples of a JPEG-LS codestream."""
    from jpeg_ls import decode_buffer  # type: ignore[import-untyped]

    samples, _header = decode_buffer(codestream)
    return bytes(samples)


def decode_jpeg_2000(codestream: bytes, _pixels: int, _bits: int) -> bytes:
    """Return the samples of a JPEG 2000 or high-throughput JPEG 2000 codestream."""
    from openjpeg.utils import decode

    samples: bytes = decode(codestream).tobytes()
    return samples


def decode_rle(codestream: bytes, pixels: int, bits: int) -> bytes:
    """Return the samples of an RLE frame, little endian."""
    from rle.utils import decode_pixel_data

    return bytes(
        decode_pixel_data(
            codestream, version=2, rows=1, columns=pixels, bits_allocated=bits, byteorder="<"
        )
    )


DECODERS: dict[str, Callable[[bytes, int, int], bytes]] = {
    "jpeg": decode_jpeg,
    "jpeg_ls": decode_jpeg_ls,
    "jpeg_2000": decode_jpeg_2000,
    "rle": decode_rle,
}


def limit(kind: int, soft: int, hard: int) -> None:
    """Lower a limit of this process; a system that does not know it keeps the others."""
    try:
        resource.setrlimit(kind, (soft, hard))
    except (OSError, ValueError):
        sys.stderr.write("a resource limit could not be set\n")


def main(codec: str, *amounts: str) -> None:
    """Decode stdin to stdout; exits with EXIT_UNDECODABLE when the codec gives up."""
    pixels, bits, output_bytes, address_space, cpu_seconds = map(int, amounts)
    limit(resource.RLIMIT_CORE, 0, 0)
    # Between the two comes SIGXCPU, which tells this end from a kill for want of memory.
    limit(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1)
    limit(resource.RLIMIT_AS, address_space, address_space)
    limit(resource.RLIMIT_FSIZE, output_bytes, output_bytes)
    codestream = sys.stdin.buffer.read()
    try:
        samples = DECODERS[codec](codestream, pixels, bits)
    except Exception:  # noqa: BLE001 - the edge of a process: whatever a codec raises, it failed
        sys.exit(EXIT_UNDECODABLE)
    # sys.stdout may be unbuffered, and then writes what fits and says nothing of the rest.
    with os.fdopen(sys.stdout.fileno(), "wb") as output:
        output.write(samples)


if __name__ == "__main__":
    main(*sys.argv[1:])
