"""An Analysis as objects that others can read: one module an object, all registered by kind."""
