"""A claim's quantity beside a measurement of it, and the verdict that comes of the two."""

from dataclasses import dataclass

from analysis.claims.claims import Claim, Quantity
from analysis.claims.measurement import Measured, number, whole_dataset

EXACT, REPRODUCED, DIRECTION = "exact", "reproduced", "direction reproduced"
INCONCLUSIVE, CONTRADICTED = "inconclusive", "contradicted"
INCONSISTENT = "paper inconsistent"
NOT_RUN, NOT_TESTABLE = "not run", "not testable here"
WORDS = (
    *(EXACT, REPRODUCED, DIRECTION, INCONCLUSIVE, CONTRADICTED, INCONSISTENT),
    *(NOT_RUN, NOT_TESTABLE),
)


@dataclass(frozen=True)
class Verdict:
    """One of WORDS, why, and the commands that would run what has not run."""

    word: str
    reason: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A quantity of a claim and a measurement of it, on data that may be others."""

    claim: Claim
    quantity: Quantity
    measured: Measured
    profile: str

    @property
    def comparable(self) -> bool:
        """Whether the paper's value itself, and not only its direction, is at stake."""
        if not self.measured.needs_data:
            return True
        whole = self.measured.dataset == whole_dataset(self.profile)
        return whole and self.claim.testable_on[self.profile] == "="

    @property
    def limits(self) -> tuple[float, float]:
        """The interval; of what is exact the value twice."""
        value = self.measured.value
        exact = self.measured.exact
        return (value, value) if exact else (self.measured.low, self.measured.high)

    @property
    def subject(self) -> str:
        """What the verdict speaks of."""
        return "The value" if self.measured.exact else "The interval"

    @property
    def reported(self) -> str:
        """The paper's value in words."""
        whose = "the notes'" if self.claim.kind == "note" else "the paper's"
        bound = f"{self.quantity.bound} " if self.quantity.bound else ""
        return f"{whose} {bound}{number(self.quantity.paper, self.quantity.unit)}"

    @property
    def elsewhere(self) -> str:
        """The data of both, where they are not the same."""
        return (
            f"measured on {self.measured.dataset}, the paper's data: {self.claim.data}"
        )
