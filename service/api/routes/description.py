"""The API's own description: /openapi.json comes from FastAPI, /docs is it for people."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from service.api.page import render_page

ONLY_ITS_OWN_STYLE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

router = APIRouter(include_in_schema=False)


@router.get("/docs", response_class=HTMLResponse)
def show_page(request: Request) -> HTMLResponse:
    """Show the description as a page."""
    page = render_page(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": ONLY_ITS_OWN_STYLE})
