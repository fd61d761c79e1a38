"""A DICOM sender that says exactly what a test wants, also what no library would send."""

import socket
import struct
from collections.abc import Iterable
from types import TracebackType
from typing import Self

APPLICATION_CONTEXT = b"1.2.840.10008.3.1.1.1"
DX = "1.2.840.10008.5.1.4.1.1.1.1"
VERIFICATION = "1.2.840.10008.1.1"
EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RP, ABORT = 2, 3, 4, 6, 7
COMMAND, LAST = 1, 2
CONTEXT_ID = 1

Reply = tuple[int, bytes]


def item(kind: int, content: bytes) -> bytes:
    """Return an item or sub-item of an association request."""
    return struct.pack(">BxH", kind, len(content)) + content


def associate_rq(
    contexts: Iterable[tuple[str, Iterable[str]]] = ((DX, (EXPLICIT,)),),
    called: str = "THORAX",
    calling: str = "TESTER",
) -> bytes:
    """Return an A-ASSOCIATE-RQ; context ids are 1, 3, 5…"""
    items = item(0x10, APPLICATION_CONTEXT)
    for number, (sop_class, syntaxes) in enumerate(contexts):
        names = item(0x30, sop_class.encode())
        names += b"".join(item(0x40, syntax.encode()) for syntax in syntaxes)
        items += item(0x20, bytes([2 * number + 1, 0, 0, 0]) + names)
    items += item(0x50, item(0x51, struct.pack(">I", 131072)) + item(0x52, b"1.2.3"))
    titles = called.encode().ljust(16) + calling.encode().ljust(16)
    return pdu(1, struct.pack(">HH", 1, 0) + titles + bytes(32) + items)


def pdu(kind: int, content: bytes) -> bytes:
    """Return a PDU."""
    return struct.pack(">BxL", kind, len(content)) + content


def p_data(control: int, fragment: bytes, context_id: int = CONTEXT_ID) -> bytes:
    """Return a P-DATA-TF with one presentation data value."""
    return pdu(P_DATA, struct.pack(">LBB", len(fragment) + 2, context_id, control) + fragment)


def store_rq(
    sop_class_uid: str | bytes, sop_instance_uid: str | bytes, message_id: int = 1
) -> bytes:
    """Return the command set of a C-STORE request."""
    return _command(
        _element(0x0002, _padded(sop_class_uid))
        + _element(0x0100, struct.pack("<H", 0x0001))
        + _element(0x0110, struct.pack("<H", message_id))
        + _element(0x0700, struct.pack("<H", 0))
        + _element(0x0800, struct.pack("<H", 0x0000))
        + _element(0x1000, _padded(sop_instance_uid))
    )


def find_rq() -> bytes:
    """Return the command set of a C-FIND request, which nobody negotiated."""
    return _command(
        _element(0x0002, _padded(DX))
        + _element(0x0100, struct.pack("<H", 0x0020))
        + _element(0x0110, struct.pack("<H", 1))
        + _element(0x0700, struct.pack("<H", 0))
        + _element(0x0800, struct.pack("<H", 0x0101))
    )


def response(reply: Reply) -> dict[int, bytes]:
    """Return the elements of a response's command set by element number."""
    kind, body = reply
    assert kind == P_DATA, f"PDU type {kind} instead of a response"
    found, offset, command = {}, 0, body[6:]
    while offset < len(command):
        _, number, length = struct.unpack_from("<HHL", command, offset)
        found[number] = command[offset + 8 : offset + 8 + length]
        offset += 8 + length
    return found


def status_of(reply: Reply) -> int:
    """Return the status of a response."""
    return int.from_bytes(response(reply)[0x0900], "little")


def comment_of(reply: Reply) -> str:
    """Return the Error Comment of a response."""
    return response(reply)[0x0902].decode().strip()


class RawPeer:
    """A TCP connection to a listener on the loopback address."""

    def __init__(self, port: int, seconds: float = 20.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        places: TracebackType | None,
    ) -> None:
        self.socket.close()

    def associate(self, request: bytes | None = None) -> Self:
        """Open an association; AssertionError when it is not accepted."""
        self.send(request or associate_rq())
        kind, _ = self.read()
        assert kind == ASSOCIATE_AC, f"PDU type {kind} instead of A-ASSOCIATE-AC"
        return self

    def send(self, content: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(content)

    def store(
        self,
        sop_instance_uid: str | bytes,
        data_set: bytes,
        sop_class_uid: str = DX,
        step: int = 65536,
    ) -> Reply:
        """Send a C-STORE request and return the answer."""
        self.begin_store(sop_instance_uid, sop_class_uid)
        for start in range(0, max(len(data_set), 1), step):
            control = LAST if start + step >= len(data_set) else 0
            self.send(p_data(control, data_set[start : start + step]))
        return self.read()

    def begin_store(self, sop_instance_uid: str | bytes, sop_class_uid: str = DX) -> None:
        """Send the command of a C-STORE request alone."""
        self.send(p_data(COMMAND | LAST, store_rq(sop_class_uid, sop_instance_uid)))

    def release(self) -> None:
        """Release the association."""
        self.send(pdu(5, bytes(4)))
        kind, _ = self.read()
        assert kind == RELEASE_RP, f"PDU type {kind} instead of A-RELEASE-RP"

    def read(self) -> Reply:
        """Return the next PDU's type and content; EOFError when the other side has closed."""
        kind, length = struct.unpack(">BxL", self._receive(6))
        return kind, self._receive(length)

    def is_closed(self) -> bool:
        """Wait until the other side ends the connection and return True; reads what comes."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            return True
        return True

    def reset(self) -> None:
        """Break the connection off with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _receive(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            part = self.socket.recv(count - len(received))
            if not part:
                raise EOFError("the connection was closed")
            received += part
        return received


def _command(elements: bytes) -> bytes:
    return _element(0x0000, struct.pack("<L", len(elements))) + elements


def _element(number: int, value: bytes) -> bytes:
    return struct.pack("<HHL", 0x0000, number, len(value)) + value


def _padded(uid: str | bytes) -> bytes:
    encoded = uid.encode() if isinstance(uid, str) else uid
    return encoded + b"\0" * (len(encoded) % 2)
