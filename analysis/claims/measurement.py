"""One measured number with everything a reader must know to judge it."""

import math
from dataclasses import dataclass
from typing import Self

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A number that a topic offers to the ledger, in the unit of the claim.

    Exact ones are arithmetic and have no interval; of others the limits are not
    numbers where there is none, and infinite where they are bounds. Raises ValueError
    where the parts contradict each other.
    """

    value: float
    unit: str
    stated: str  # the value in words for the reader: "1.56, 18 % net"
    quantity: str = ""  # which number of the claim; empty where it has only one
    low: float = math.nan  # 95 % interval
    high: float = math.nan
    exact: bool = False
    seeds: tuple[int, ...] = ()  # runs in each arm
    images: int | None = None
    dataset: str = (
        ""  # the name of one of data_sets if whole, else in words; empty: needs no data
    )
    split: str = ""
    protocol: str = ""
    runs: tuple[str, ...] = ()  # folders below reports/<profile>/runs

    def __post_init__(self) -> None:
        if math.isnan(self.value):
            raise ValueError(f"{self.stated!r}: not a number is not a measurement")
        if math.isnan(self.low) != math.isnan(self.high) or self.low > self.high:
            raise ValueError(f"{self.stated!r}: no interval: {self.low} to {self.high}")
        if self.exact and self.has_interval:
            raise ValueError(f"{self.stated!r}: what is exact has no interval")
        if not (self.exact or self.dataset):
            raise ValueError(f"{self.stated!r}: does not say on which data")
        if not self.stated:
            raise ValueError(f"{self.value:g} {self.unit}: says nothing to the reader")

    @property
    def has_interval(self) -> bool:
        """Whether its limits are known."""
        return not math.isnan(self.low)

    @property
    def needs_data(self) -> bool:
        """Whether it was measured on images, unlike arithmetic."""
        return not (self.exact and not self.dataset)


def exact(
    value: float, quantity: str = "", unit: str = "", *, stated: str = ""
) -> Measured:
    """A count; without other words its number, after what it is the number of."""
    value = float(value)
    return Measured(
        value=value,
        unit=unit,
        quantity=quantity,
        stated=stated or f"{quantity} {number(value, unit)}".strip(),
        exact=True,
    )


class Printed(float):
    """A number that keeps the digits it was printed with: 17.0 is not 17."""

    text: str

    def __new__(cls, text: str) -> Self:
        printed = super().__new__(cls, text)
        printed.text = text
        return printed


def number(value: float, unit: str = "") -> str:
    """A number with its unit: 60,000,000 or 1.7 points."""
    text = value.text if isinstance(value, Printed) else f"{value:,.10g}"
    return _with_unit(text, unit)


def interval(low: float, high: float, unit: str = "") -> str:
    """Limits with two decimals and their unit; a bound where one is infinite."""
    if math.isinf(high):
        return _with_unit(f"at least {low:,.2f}", unit)
    if math.isinf(low):
        return _with_unit(f"at most {high:,.2f}", unit)
    return _with_unit(f"{low:,.2f} to {high:,.2f}", unit)


def _with_unit(text: str, unit: str) -> str:
    spoken = f" {unit}" if unit not in ("", "times") else ""
    return text.replace("-", MINUS) + spoken
