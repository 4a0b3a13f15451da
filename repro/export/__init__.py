"""What `repro export` writes: a module for each kind of evidence, and their steps."""
