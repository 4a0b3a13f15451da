"""Data sets are packed once; a pack gives batches, and a batch gives views."""
