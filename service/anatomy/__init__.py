"""The anatomy table: every structure that a model may find, with its number, codes and colour."""
