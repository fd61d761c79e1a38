"""One file a gate: whether the image is what it says, and fit to be measured."""
