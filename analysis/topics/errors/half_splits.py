"""How far the choice of a random test half moves an error: S6.5b, for the ledger.

The paper trains on a random half of ImageNet and tests on the other. Of the same network,
tested on two random halves of the same images, the difference of the errors is a matter
of sampling alone. What another half to train on would do takes other networks.
"""

import math
from collections.abc import Sequence

from scipy import stats

from analysis.claims.measurement import Measured
from analysis.statistics.estimates import LEVEL
from analysis.statistics.numbers import counted

TESTED = "test half"
PROTOCOL = "another random half to test on, the network not trained again"


def limit(mistakes: float, images: int) -> float:
    """What 95 of 100 pairs of random halves differ by at most, as a fraction.

    Each half is drawn anew from `images`, `mistakes` of which are wrong: how many it has
    is hypergeometric, the difference of two such shares is taken as normal.
    """
    error, half = mistakes / images, images // 2
    variance = error * (1 - error) / half * (images - half) / (images - 1)
    return float(stats.norm.ppf((1 + LEVEL) / 2) * math.sqrt(2 * variance))


def of_ours(mistakes: Sequence[int], words: str, **data) -> list[Measured]:
    """On all our test images, `data["images"]`: no difference, and its limits.

    These are of the mean of the networks' `mistakes`, their numbers of wrong answers.
    """
    images = data["images"]
    widest = 100 * limit(sum(mistakes) / len(mistakes), images)
    fields = data | {"images": images // 2, "protocol": f"ten views; {PROTOCOL}"}
    return [
        Measured(
            value=0.0,
            low=-widest,
            high=widest,
            unit="points",
            quantity=TESTED,
            stated=f"±{widest:.2f} points: two random halves of {images:,} images, "
            f"{words}, {counted(len(mistakes), 'network')}",
            seeds=(len(mistakes),),
            **fields,
        )
    ]
