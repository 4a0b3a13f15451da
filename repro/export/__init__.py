"""What `repro export` writes, one file a kind of evidence."""
