"""The topic kernels."""
