"""Masks of a labelled CT seen as a radiograph: what measurements are checked against."""
