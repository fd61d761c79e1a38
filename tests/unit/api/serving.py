"""A real server for an app, in a thread, on a free port."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from service.api.server import configuration
from service.settings import Settings

START_SECONDS = 30


class TellingServer(uvicorn.Server):
    """uvicorn's server; `is_up` is set once it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@contextmanager
def serving(app: FastAPI, settings: Settings) -> Iterator[int]:
    """Serve `app` on the loopback address for the length of a with block; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = TellingServer(configuration(app, settings))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            assert server.is_up.wait(START_SECONDS)
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
