"""Model packages: found, verified, opened, and fed."""
