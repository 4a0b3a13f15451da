"""`repro bench`."""
