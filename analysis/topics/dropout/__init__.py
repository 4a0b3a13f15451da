"""The topic dropout."""
