"""Figure 4, right: which training images are near to test images, and what for."""
