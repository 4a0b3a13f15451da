"""Training: learning curves, gaps to validation, units, gradients and recipes."""
