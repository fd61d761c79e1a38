"""The model card: all of it is read from manifests and scores, nothing is typed."""
