"""A checkpoint becomes a folder that the service reads: graph, weights, manifest, golden input."""
