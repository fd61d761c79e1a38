"""The truth: which instances came in, how far each is, and where its files lie."""
