"""The topic architecture."""
