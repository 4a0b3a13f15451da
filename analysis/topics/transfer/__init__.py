"""The topic transfer."""
