"""What the ledger says of the claims of one topic: the words under its figure.

A topic has no other words for its claims, so that it cannot disagree with the ledger.
"""

from pathlib import Path

from analysis.display.sections import Html
from analysis.ledger import table
from analysis.ledger.rows import load, rows


def told(topic: str, profile: str, reports: Path | None = None) -> Html:
    """The claims of a topic as the runs of a profile decide them, or of all profiles.

    Empty for a topic without claims.
    """
    own = [row for row in rows(load(profile, reports)) if row.claim.topic == topic]
    return table.topic_table(own) if own else Html("")
