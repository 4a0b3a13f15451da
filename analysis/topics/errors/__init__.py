"""The topic errors."""
