"""The kinds of sources; each module registers one."""
