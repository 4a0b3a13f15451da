"""The plateau: from which initial values the network learns at all."""
