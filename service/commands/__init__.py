"""What each verb of the command `thorax` does; the only modules that print for people."""
