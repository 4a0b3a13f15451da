"""Ablations: recipes that differ from R0 in one thing, and what each thing is worth."""
