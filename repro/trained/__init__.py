"""A finished run read back as a classifier."""
