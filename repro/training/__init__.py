"""A recipe and a seed become a run folder: the loop, the update rule, the schedule."""
