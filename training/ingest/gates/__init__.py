"""One file a gate: whether a volume is fit to teach, by what number and which limit."""
