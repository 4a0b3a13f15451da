"""The claims of claims.toml, and the verdicts that follow from measurements of one."""

from analysis.claims import claims
from analysis.ledger.lines import lines

CLAIMS = {claim.id: claim for claim in claims.load()}


def verdicts(name, found, profile="tiny-imagenet") -> list[str]:
    """The word of each line that the ledger has of the claim."""
    return [line.verdict.word for line in lines(CLAIMS[name], tuple(found), profile)]
