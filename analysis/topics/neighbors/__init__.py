"""The topic neighbors."""
