"""Thorax: chest-radiograph anatomy for a PACS."""

__version__ = "0.1.0"
