"""What the service tells its operators: logs by allow-list, and metrics without identifiers."""
