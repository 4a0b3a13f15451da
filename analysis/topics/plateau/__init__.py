"""The topic plateau."""
