"""The networks as layers, their counts, and the two towers on two devices."""
