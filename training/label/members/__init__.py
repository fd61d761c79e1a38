"""The members of the labelling ensemble: one file each, found by the registry in `port`."""
