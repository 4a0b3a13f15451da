"""CIFAR-10 and its bundled subset become packs."""
