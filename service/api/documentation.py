"""Texts and answers that the OpenAPI description shows beside the routes."""

from typing import Any

from service.api.problems import MEDIA_TYPE
from service.api.schemas import PartsDocument, ProblemDocument, ReceiptDocument

DESCRIPTION = """
Send chest radiographs to Thorax and fetch what it made of them: a DICOM segmentation, a structured
report, a secondary capture, an overlay picture and JSON.

**Results are automatic and unverified. Thorax is not a medical device.**

An instance that was answered with 202 or 200 is stored durably and has a job; every job ends
`done`, `skipped`, `rejected` or `dead`, with a reason. Errors are problem documents (RFC 9457)
with a stable `code`.
"""

TAGS = [
    {"name": "instances", "description": "Hand over radiographs."},
    {"name": "jobs", "description": "Follow an instance, and fetch its results."},
    {"name": "models", "description": "See which models are in use."},
    {"name": "operations", "description": "Health and metrics, for machines that watch."},
]

_BINARY = {"type": "string", "format": "binary"}
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A DICOM Part 10 file as it is, or a form with one or more such files.",
        "content": {
            "application/dicom": {"schema": _BINARY},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "array", "items": _BINARY}},
                }
            },
        },
    }
}

_PROBLEMS = {
    400: "The form is malformed, or the body is empty.",
    401: "A key is needed.",
    403: "Without a key only this machine is served.",
    404: "There is no such job, or it has no such result (yet).",
    408: "The body came too slowly.",
    409: "The SOP Instance UID is known with other content; `job_id` names the rejected job.",
    410: "The instance is no longer kept.",
    413: "The body is too large.",
    415: "The body has another media type, or is compressed.",
    422: "The instance cannot be read, or a parameter is not as described.",
    503: "The database does not answer for the moment.",
    507: "There is too little disk space for the moment.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that may answer with these problems."""
    return {status: _problem(_PROBLEMS[status]) for status in statuses}


def upload_responses() -> dict[int | str, dict[str, Any]]:
    """Return all answers of the upload."""
    return {
        200: {"model": ReceiptDocument, "description": "Known already, with the same content."},
        202: {"description": "Stored durably; the job is queued.", "headers": _LOCATION},
        207: {"model": PartsDocument, "description": "A form with several files: one entry each."},
        **problems(400, 401, 403, 408, 409, 413, 415, 422, 503, 507),
    }


_LOCATION = {"Location": {"description": "The job.", "schema": {"type": "string"}}}


def _problem(description: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": ProblemDocument.model_json_schema()}}
    return {"description": description, "content": content}
