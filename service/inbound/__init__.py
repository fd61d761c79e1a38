"""Doors through which instances come in; each hands a ReceivedInstance to `accept`, no more."""
