"""Dropout: its cost in training, networks averaged instead, and the rule at test."""
