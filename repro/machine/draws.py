"""Every random draw as a function of what it is for, the seed and the step.

Nothing random is carried from step to step, so a resumed run draws what an
uninterrupted one would have drawn, on any device.
"""

import numpy as np
import torch

INITIAL, ORDER, CROP, DROPOUT, SUBSET, COLOUR, SHARE, PREFLIGHT, HELD_OUT = range(9)
THINNED, REMOVED = 9, 10


def generator(purpose: int, seed: int, step: int = 0) -> np.random.Generator:
    """NumPy's default generator, seeded by (purpose, seed, step)."""
    return np.random.default_rng((purpose, seed, step))


def seed_torch(purpose: int, seed: int, step: int = 0) -> None:
    """Seed torch's global state on every device, for initial values and dropout."""
    state = np.random.SeedSequence((purpose, seed, step)).generate_state(1, np.uint64)
    torch.manual_seed(int(state[0]))
