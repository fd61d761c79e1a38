"""A line to a server that carries so many bytes and no more: a transfer stands still halfway."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from select import select
from threading import Thread

CHUNK = 65536


@contextmanager
def line_that_stops(port: int, after: int) -> Iterator[int]:
    """Give a port of one connection to `port` that takes `after` bytes; answers always pass.

    Where the server goes away the client's end is closed as well.
    """
    with socket.create_server(("127.0.0.1", 0)) as entrance:
        Thread(target=_carry, args=(entrance, port, after), daemon=True).start()
        yield entrance.getsockname()[1]


def _carry(entrance: socket.socket, port: int, left: int) -> None:
    client, _ = entrance.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as server, suppress(OSError):
        while True:
            ready, _, _ = select([server, client] if left else [server], [], [])
            if server in ready:
                if not (answer := server.recv(CHUNK)):
                    return
                client.sendall(answer)
            if client in ready:
                if not (sent := client.recv(min(CHUNK, left))):
                    return
                server.sendall(sent)
                left -= len(sent)
