"""One file a mode of training; each registers its class under its name."""
