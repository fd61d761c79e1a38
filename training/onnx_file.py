"""What an exported graph must not carry along: the exporter's notes name the machine's folders."""

from pathlib import Path

import onnx


def forget_origin(path: Path) -> None:
    """Remove the exporter's notes (stack traces, scopes); the graph stays as it is."""
    model = onnx.load(path)
    graph = model.graph
    values = (*graph.value_info, *graph.input, *graph.output, *graph.initializer)
    for part in (model, graph, *graph.node, *values):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.save(model, path)
