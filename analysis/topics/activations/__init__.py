"""Figure 1: how fast a network learns with ReLU and with other activations."""
