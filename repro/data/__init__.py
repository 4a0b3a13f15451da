"""Packed images -> batches -> views."""
