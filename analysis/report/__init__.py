"""Notebooks -> page, files beside it, README blocks."""
