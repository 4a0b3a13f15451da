"""What the paper and the notes say, what a measurement is, and the rules of a verdict."""
