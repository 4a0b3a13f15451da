"""CIFAR-10 and its bundled subset -> a pack."""
