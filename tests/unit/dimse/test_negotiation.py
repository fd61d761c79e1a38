import base64

import numpy as np
from openjpeg import decode
from pydicom.pixels import get_decoder
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import _config

from service.dimse.negotiation import (
    RECEIVED_SOP_CLASSES,
    RECEIVED_TRANSFER_SYNTAXES,
    VERIFICATION,
    acceptor_contexts,
)

GRADIENT = (np.arange(32 * 24, dtype=np.uint16) * 5).reshape(32, 24)
GRADIENT_IN_HTJ2K = base64.b64decode(
    "/0//UQApQAAAAAAYAAAAIAAAAAAAAAAAAAAAGAAAACAAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAAUEBEAB/1wA"
    "EyCIkJCQkJCQkJCQkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAKkAAf+TwAAmGfcFB3QAwAASwAAT"
    "AKoBB3QAIvEDh3QAwAASQAATgO0rcwCQCIkAw1QAwAAVEAAFUCxj7JfgC3UARjTCiMApQIy2AMAAFXAABaBERERE3qenp8J3"
    "ABpq0KBBg4b8ACD2QgHsuQDAAC0oAAW0AAAAAAAA8/6np6enp6enQnwA7m632+12u91ut/v/coIQHv2IQHv2IQHsvwD/2Q=="
)
"""Encoded by OpenJPH 0.26.3, lossless; the bytes 0xFF50 in it mark Part 15 (high throughput)."""


def decodable() -> set[str]:
    """Return every transfer syntax that the installed decoders take."""
    found = set()
    for syntax in AllTransferSyntaxes:
        try:
            decoder = get_decoder(syntax)
        except NotImplementedError:
            continue
        if decoder.is_available:
            found.add(str(syntax))
    return found


def test_all_that_can_be_decoded_is_taken_but_for_deflated() -> None:
    deflated = "1.2.840.10008.1.2.1.99"

    assert set(map(str, RECEIVED_TRANSFER_SYNTAXES)) == decodable() - {deflated}


def test_high_throughput_jpeg_2000_is_decoded_here() -> None:
    np.testing.assert_array_equal(decode(GRADIENT_IN_HTJ2K), GRADIENT)


def test_plain_comes_before_lossless_and_lossless_before_lossy() -> None:
    lossy = {"50", "51", "81", "91", "203"}
    is_lossy = [each.rsplit(".", 1)[-1] in lossy for each in RECEIVED_TRANSFER_SYNTAXES[:-1]]

    assert not RECEIVED_TRANSFER_SYNTAXES[0].is_compressed
    assert is_lossy == sorted(is_lossy)


def test_every_class_is_offered_in_every_syntax_beside_verification() -> None:
    contexts = {str(each.abstract_syntax): each.transfer_syntax for each in acceptor_contexts()}

    assert set(contexts) == {VERIFICATION, *RECEIVED_SOP_CLASSES}
    assert all(contexts[each] == list(RECEIVED_TRANSFER_SYNTAXES) for each in RECEIVED_SOP_CLASSES)


def test_pynetdicom_formats_no_messages_for_its_log() -> None:
    assert _config.LOG_HANDLER_LEVEL == "none"
