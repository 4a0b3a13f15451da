"""A finding is what a check of `repro doctor` has to say."""

from typing import NamedTuple

OK, WARN, FAIL = "ok", "warn", "FAIL"


class Finding(NamedTuple):
    """`level` is ok, warn (it works with limits) or FAIL (something will not work)."""

    level: str
    what: str
    step: str = ""  # what to do next

    def __str__(self) -> str:
        step = f"; next: {self.step}" if self.step else ""
        return f"{self.level:<4}  {self.what}{step}"
