"""The run folder: its paths, how it is read, and how it is written whole.

Besides `repro.errors` this is all of `repro` that `analysis` may import.
"""
