"""WHAT is trained: frozen values, no torch."""
