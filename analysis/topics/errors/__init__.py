"""Tables 1 and 2: our errors beside those of the paper, notes and re-runs."""
