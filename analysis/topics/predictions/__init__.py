"""Figure 4, left: what the network says of test images."""
