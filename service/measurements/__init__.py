"""One file a measurement; each declares its definition, code, unit, gates and points."""
