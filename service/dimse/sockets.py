"""A socket of an association that is closed when it is given up."""

import socket
from contextlib import suppress

from pynetdicom.transport import AssociationSocket


class ClosingSocket(AssociationSocket):
    """Closes even where shutdown() fails because the peer has gone, or never was there.

    pynetdicom then leaves the descriptor open until the garbage collector comes by.
    """

    def _shutdown_socket(self) -> None:
        client = self.socket
        if client is not None:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            client.close()
