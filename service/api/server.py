"""Runs the API in this process, with deadlines that uvicorn does not have by itself."""

import asyncio
import signal

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.api.app import create_app
from service.bootstrap import Services
from service.settings import Settings

HEADER_SECONDS = 15.0
IDLE_SECONDS = 15
STOP_SECONDS = 20
MAXIMUM_CONNECTIONS = 200
MAXIMUM_HEADER_BYTES = 64 * 1024


class HeaderDeadline(H11Protocol):
    """uvicorn's protocol; a connection whose request headers are not complete in time is closed.

    uvicorn's own timer runs only while a kept-alive connection sends nothing at all, so one byte
    a minute would hold a connection for ever.
    """

    seconds: float = HEADER_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of the first request."""
        super().connection_made(transport)
        self._watch_headers()

    def data_received(self, data: bytes) -> None:
        """Take bytes; as long as the headers are incomplete, the deadline stands."""
        super().data_received(data)
        self._watch_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._forget_deadline()
        super().connection_lost(exc)

    def _watch_headers(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._forget_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.seconds, self._close_if_incomplete)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close_if_incomplete(self) -> None:
        self._deadline = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


def configuration(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Return how `app` is served."""
    return uvicorn.Config(
        app,
        host=settings.bind,
        port=settings.http_port,
        http=HeaderDeadline,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAXIMUM_CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=MAXIMUM_HEADER_BYTES,
    )


def serve(services: Services) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight get STOP_SECONDS to end."""
    server = uvicorn.Server(configuration(create_app(services), services.settings))

    def stop(_number: int, _frame: object) -> None:
        server.should_exit = True

    # uvicorn handles both itself while it runs, and at its end sends them again to whoever handled
    # them before: by default that would end the process in the middle of the caller's tidying up.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run()
