"""The topic crops."""
