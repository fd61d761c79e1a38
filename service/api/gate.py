"""The outermost layer of the app: request id, security headers, counting, the last catch."""

import time
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from service.api.problems import internal_error
from service.telemetry.logging import get_logger
from service.telemetry.metrics import HTTP_REQUESTS, HTTP_SECONDS

log = get_logger(__name__)

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STATUS_OF_A_CLIENT_THAT_LEFT = 499


class Gate:
    """ASGI middleware around everything else.

    The request id is made here and never taken from the client, since what a client sends could
    hold a patient's name and would be logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass the app's start and stop through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started = uuid4().hex, time.perf_counter()
        answer = _Answer(send, request_id)
        with bound_contextvars(request_id=request_id):
            try:
                await self._serve(scope, receive, answer)
            finally:
                _record(scope, answer.status, time.perf_counter() - started)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            answer.status = STATUS_OF_A_CLIENT_THAT_LEFT
        except Exception:
            log.exception("request_failed", route=_route(scope))
            if answer.has_begun:
                raise
            await internal_error().response()(scope, receive, answer)


class _Answer:
    """The `send` of one request: adds headers and remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    @property
    def has_begun(self) -> bool:
        return self.status != 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            self._add_headers(message)
        await self._send(message)

    def _add_headers(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        headers["X-Request-ID"] = self._request_id
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)


def _record(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in METHODS else "other"
    route = _route(scope)
    HTTP_REQUESTS.labels(method, route, status).inc()
    HTTP_SECONDS.labels(route).observe(seconds)
    write = log.info if route.startswith("/api") else log.debug
    write("request_ended", method=method, route=route, status=status, seconds=round(seconds, 4))


def _route(scope: Scope) -> str:
    """Return the template, `/api/v1/jobs/{job_id}`: the path itself is the client's text."""
    template = getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else "unmatched"
