"""`repro doctor`."""
