"""What is passed between stages: frozen dataclasses on the standard library and numpy alone."""
