"""One file a layout: how a folder of volumes is laid out, and under which licence they come."""
