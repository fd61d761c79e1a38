"""A judge behind an address: a vision model, or a person, that looks at the projections.

POST, JSON: {"protocol": "label-critic/1", "structure": key, "label": words, "question": text,
"views": [{"name": "frontal" | "lateral", "first": PNG in base64, "second": likewise}]}
answer, JSON: {"better": "first" | "second" | "neither", "reason": text}
"""

import base64
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from PIL import Image
from pydantic import BaseModel, ConfigDict, ValidationError

from training.label.critic.pictures import Picture, View, overlays
from training.label.critic.question import Answer, Choice, Judge, JudgeFailed, Question
from training.label.critic.registry import JUDGES, JudgeSettings

PROTOCOL = "label-critic/1"
LONGEST_ANSWER_BYTES = 65536
TEXT = (
    "Both pictures show the same patient, projected {views}. Red is what one source calls the "
    "{label}: the more intense, the thicker. Which of the two covers the {label} better: complete, "
    "in its place, on the right side, and without spilling into its neighbours?"
)


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    better: Choice
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HttpJudge:
    """Asks a service; what it cannot answer is a failure, never a choice."""

    settings: JudgeSettings

    def better(self, question: Question) -> Answer:
        """Post the pictures and return the reply; raises `JudgeFailed`."""
        try:
            reply = _Reply.model_validate_json(self._post(_body(question)))
        except requests.RequestException as error:
            raise JudgeFailed(f"the judge was not reached: {type(error).__name__}") from error
        except ValidationError as error:
            raise JudgeFailed("the judge's answer is not of the protocol") from error
        return Answer(reply.better, reply.reason)

    def _post(self, body: dict[str, Any]) -> bytes:
        token = self.settings.token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with requests.post(
            str(self.settings.url),
            json=body,
            headers=headers,
            timeout=self.settings.timeout_s,
            stream=True,
        ) as response:
            response.raise_for_status()
            text: bytes = response.raw.read(LONGEST_ANSWER_BYTES + 1, decode_content=True)
        if len(text) > LONGEST_ANSWER_BYTES:
            raise JudgeFailed("the judge's answer is too long")
        return text


@JUDGES.register("http")
def http_judge(settings: JudgeSettings) -> Judge:
    """Return the judge; raises ValueError without an http or https address."""
    if urlsplit(settings.url or "").scheme not in {"http", "https"}:
        raise ValueError("the http judge needs an address that begins with http:// or https://")
    return HttpJudge(settings)


def _body(question: Question) -> dict[str, Any]:
    first, second = (
        overlays(question.key, question.scan, mask) for mask in (question.first, question.second)
    )
    label = question.label.lower()
    views = [
        {"name": view.value, "first": _png(first[view]), "second": _png(second[view])}
        for view in View
    ]
    return {
        "protocol": PROTOCOL,
        "structure": question.key,
        "label": question.label,
        "question": TEXT.format(label=label, views=" and ".join(View)),
        "views": views,
    }


def _png(picture: Picture) -> str:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode("ascii")
