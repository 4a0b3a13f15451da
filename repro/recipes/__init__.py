"""What is trained: recipes, their variants and the profiles of the data sets."""
