import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.inbound.dicom_scp import ListenerOptions, start_listener
from tests.listening import FolderSpool, Intake


@pytest.fixture
def few_descriptors() -> Iterator[int]:
    """How many files this process may open, for once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 300
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
    yield few
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_more_connections_are_taken_than_there_are_descriptors_for(
    tmp_path: Path, few_descriptors: int
) -> None:
    options = ListenerOptions("THORAX", port=0)
    listener = start_listener(options, Intake(tmp_path).accept, FolderSpool(tmp_path))
    try:
        limits = listener.limits
    finally:
        listener.stop()

    assert limits.maximum_connections == few_descriptors // 3
    assert limits.maximum_connections < options.limits.maximum_connections


def test_a_port_that_is_taken_is_an_os_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ListenerOptions("THORAX", port=taken.getsockname()[1])

        with pytest.raises(OSError, match="Address already in use"):
            start_listener(options, Intake(tmp_path).accept, FolderSpool(tmp_path))
