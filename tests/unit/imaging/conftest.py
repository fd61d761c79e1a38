"""Property tests assert no timing: a loaded machine makes no test fail."""

from hypothesis import settings

settings.register_profile("without_deadline", deadline=None)
settings.load_profile("without_deadline")
