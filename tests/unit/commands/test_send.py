"""Where `thorax send` sends to."""

import pytest

from service.commands.send import remote_of
from service.settings import Settings, SettingsError

SETTINGS = Settings(dicom_port=4242, ae_title="OURS")


def test_without_an_address_it_is_our_own_listener() -> None:
    remote = remote_of(None, None, SETTINGS)

    assert (remote.host, remote.port, remote.ae_title) == ("127.0.0.1", 4242, "OURS")


def test_an_address_is_a_host_and_a_port() -> None:
    remote = remote_of("pacs.example:104", "PACS", SETTINGS)

    assert (remote.host, remote.port, remote.ae_title) == ("pacs.example", 104, "PACS")


@pytest.mark.parametrize("to", ["pacs", ":104", "pacs:dicom", "pacs:"])
def test_anything_else_is_refused(to: str) -> None:
    with pytest.raises(SettingsError, match="HOST:PORT"):
        remote_of(to, None, SETTINGS)
