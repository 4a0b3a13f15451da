"""Section 4.1: how many crops an image has, and how alike they are."""
