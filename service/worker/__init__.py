"""Celery around `processing`: it carries job ids to processes that have the models open."""
