"""Ways out: one module for each kind of destination, registered under its name.

A new kind is one file here: a class with pydantic `Options` and a `deliver` that returns when the
other side has the object, decorated with `@DESTINATIONS.register("<kind>")`.
"""
