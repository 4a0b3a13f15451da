"""The topic training."""
