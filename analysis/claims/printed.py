"""The paper's numbers, written once, each with the place where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reported:
    """A number of the paper and where to find it."""

    value: float
    place: str


FIGURE1_LEVEL = Reported(0.25, "figure 1")  # training error that ends the race
FIGURE1_RATIO = Reported(6.0, "section 3.1 and figure 1")  # tanh over ReLU
