"""The topic ablations."""
