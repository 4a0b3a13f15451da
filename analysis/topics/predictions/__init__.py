"""The topic predictions."""
