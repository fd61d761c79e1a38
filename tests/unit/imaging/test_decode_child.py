import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.imaging import decode_child

MEGABYTE = 1024**2


PROGRAM = (
    f"import sys; sys.path.insert(0, {str(Path(decode_child.__file__).parent)!r})\n"
    "import decode_child\n"
    "def decoder(codestream, pixels, bits):\n    {body}\n"
    "decode_child.DECODERS['x'] = decoder\n"
    f"decode_child.main('x', '4', '8', '1000', '{512 * MEGABYTE}', '1')\n"
)


def run_child(body: str) -> subprocess.CompletedProcess[bytes]:
    """The child with a decoder of the given body, 1000 bytes, 512 MB and one CPU second."""
    program = PROGRAM.format(body=body)
    command = [sys.executable, "-S", "-c", program]
    return subprocess.run(command, input=b"in", capture_output=True, check=False)


def test_what_the_codec_returns_leaves_by_standard_output() -> None:
    child = run_child("return codestream + bytes([pixels, bits])")

    assert (child.returncode, child.stdout) == (0, b"in\x04\x08")


def test_a_codec_that_raises_ends_with_its_own_status_and_says_nothing() -> None:
    child = run_child("raise RuntimeError('Phantom^Drawn')")

    assert child.returncode == decode_child.EXIT_UNDECODABLE
    assert child.stdout + child.stderr == b""


def test_a_codec_that_never_ends_is_ended_by_the_system() -> None:
    child = run_child("while True: pass")

    assert child.returncode == -signal.SIGXCPU


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not bound the address space")
def test_a_codec_that_asks_for_too_much_memory_does_not_get_it() -> None:
    child = run_child(f"return bytes({1024 * MEGABYTE})")

    assert child.returncode == decode_child.EXIT_UNDECODABLE


def test_more_output_than_was_announced_cannot_be_written(tmp_path: Path) -> None:
    output = tmp_path / "samples"
    program = PROGRAM.format(body="return bytes(100_000)")
    with output.open("wb") as stream:
        command = [sys.executable, "-S", "-c", program]
        child = subprocess.run(command, input=b"", stdout=stream, check=False)

    assert child.returncode != 0
    assert output.stat().st_size <= 1000


def test_the_child_knows_each_codec_by_its_name() -> None:
    from service.imaging.transfer_syntaxes import Codec

    assert set(decode_child.DECODERS) == set(Codec)
