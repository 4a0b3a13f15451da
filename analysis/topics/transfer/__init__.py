"""How much sooner a network learns that was trained on other classes before."""
