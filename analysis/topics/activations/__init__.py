"""The topic activations."""
