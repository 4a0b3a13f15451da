"""The training half: it turns images into run folders and never draws."""
