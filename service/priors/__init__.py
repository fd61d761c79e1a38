"""Earlier films of the same patient: whose a film is, and where an earlier one is found."""
