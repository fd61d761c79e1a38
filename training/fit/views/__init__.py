"""Where projected views are read from, and which subjects of them are trained on."""
