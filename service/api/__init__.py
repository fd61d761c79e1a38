"""The HTTP edge: FastAPI routes, problem documents and the guard in front of them."""
