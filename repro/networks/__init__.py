"""Layers, the nets, their counts, towers on two devices."""
