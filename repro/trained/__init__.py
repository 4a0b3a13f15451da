"""A finished run is read back as a classifier."""
