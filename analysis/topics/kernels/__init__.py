"""Figure 3: the kernels of the first layer, and whether the two towers specialise."""
