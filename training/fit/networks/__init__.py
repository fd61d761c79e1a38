"""One file a network; each registers `build(settings, channels)` under its name."""
