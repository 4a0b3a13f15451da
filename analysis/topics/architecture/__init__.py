"""Figure 2: the layers of the network, drawn and counted."""
