"""The description of the API as one plain page, without scripts or anything from another site.

The usual documentation pages load their scripts over the internet, which a hospital's network
does not reach and should not have to.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em}td{padding:.1rem 1rem .1rem 0;vertical-align:top}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #8888}h3{margin-top:2rem}"
)


def render_page(description: dict[str, Any]) -> str:
    """Return HTML of an OpenAPI description: each operation with its parameters and answers."""
    title = escape(description["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} API</title>'
        f"<style>{_STYLE}</style><h1>{title} API {escape(description['info']['version'])}</h1>"
        f"{_paragraphs(description['info']['description'])}"
        '<p>For programs: <a href="openapi.json">openapi.json</a></p>'
        f"{''.join(_operations(description))}</html>"
    )


def _operations(description: dict[str, Any]) -> Iterator[str]:
    for tag in description["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>{_paragraphs(tag['description'])}"
        for path, methods in description["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield _operation(f"{method.upper()} {path}", operation)


def _operation(heading: str, operation: dict[str, Any]) -> str:
    parameters = [
        (each["name"], each.get("description", "")) for each in operation.get("parameters", [])
    ]
    bodies = [
        (kind, "request body") for kind in operation.get("requestBody", {}).get("content", {})
    ]
    answers = [(code, each["description"]) for code, each in operation["responses"].items()]
    return (
        f"<h3><code>{escape(heading)}</code></h3>"
        f"{_paragraphs(operation.get('description', ''))}{_table(parameters + bodies + answers)}"
    )


def _table(rows: list[tuple[str, str]]) -> str:
    cells = (f"<tr><td><code>{escape(name)}</code><td>{escape(meaning)}" for name, meaning in rows)
    return f"<table>{''.join(cells)}</table>"


def _paragraphs(text: str) -> str:
    plain = text.replace("**", "").replace("`", "")
    return "".join(f"<p>{escape(part)}</p>" for part in plain.strip().split("\n\n"))
