from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from service.dimse.negotiation import RECEIVED_TRANSFER_SYNTAXES
from service.imaging.transfer_syntaxes import CODECS, NATIVE, READABLE_TRANSFER_SYNTAXES


def test_what_is_negotiated_is_what_can_be_decoded() -> None:
    assert set(RECEIVED_TRANSFER_SYNTAXES) == READABLE_TRANSFER_SYNTAXES


def test_a_codec_is_named_for_each_compressed_syntax_and_for_no_other() -> None:
    assert all(UID(each).is_compressed for each in CODECS)
    assert not any(each.is_compressed for each in NATIVE)


def test_deflated_data_sets_are_not_read() -> None:
    assert DeflatedExplicitVRLittleEndian not in READABLE_TRANSFER_SYNTAXES
