"""Run folders are read here alone: which runs count, and what they hold."""
