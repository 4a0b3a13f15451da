"""Figure 4, right, in words: what the runs say of each claim."""

from analysis.display import words
from analysis.evidence.runs import Runs
from analysis.statistics.resampling import METHOD, Estimate
from analysis.topics.neighbors import probes, retrieved
from analysis.topics.neighbors.probe_tables import VECTORS
from analysis.topics.neighbors.probes import CODES, FEATURES, PROBE
from analysis.topics.neighbors.retrieved import NEAR, SPACES, Neighbors
from analysis.topics.neighbors.tables import protocol

CLAIMS = {
    "F4Ra": "Five test images, each with the six training images nearest to it in the "
    "last hidden layer.",
    "F4Rb": "Images near in the last hidden layer are similar in meaning, and generally "
    "not near in pixels.",
    "F4Rc": "Short binary codes by an auto-encoder would make the search efficient.",
    "F4Rd": "Codes of the features should retrieve much better than codes of pixels.",
    "X4": "Notes on the paper: retrieval by features should beat retrieval by the raw image.",
    "X5": "Notes on the paper: the last hidden layer is so good that a simple softmax on it works "
    "very well.",
    "X19": "Notes on the paper: two images near in the last hidden layer very probably show the same.",
}
BITS = 128  # of a short code
FLOAT_BITS = 32
METHODS = (
    f"Retrieval: {METHOD} of queries, of the mean over the seeds. Probe: Newcombe's "
    "interval of a difference of shares, as if of different images, of the seeds' means."
)


def summary(runs: Runs) -> str:
    """What the runs say of each claim, as a Markdown list; none where none counts."""
    if not runs.complete:
        return words.bullets(CLAIMS, {claim: [] for claim in CLAIMS})
    found = retrieved.neighbors(runs)
    precision = retrieved.precision(found).to_dict("records")
    answers = {
        "F4Ra": [_pictures(runs, found), *_shares(found, precision[-1:])],
        "F4Rb": [*_gains(found, precision[-1:]), *_outside(found)],
        "F4Rc": [*_cost(runs, found), *_codes(runs)],
        "F4Rd": _codes(runs),
        "X4": _gains(found, precision),
        "X5": _probe(runs),
        "X19": [*_shares(found, precision), *_deciles(found)],
    }
    bullets = words.bullets(CLAIMS, answers)
    where = f"{protocol(runs, found)}."
    return f"{words.heading(runs)}{where}\n\n{bullets}\n{METHODS}"


def _pictures(runs: Runs, found: Neighbors) -> str:
    shown = min(words.QUERIES, len(found.queries))
    same = found.same["features"][0, :shown, : words.COLUMNS]
    return (
        f"Of the {same.size} training images shown for {shown} test images (seed "
        f"{runs.complete[0].seed}), of the test image's class: {same.sum()}. "
        f"The paper gives no classes for its five."
    )


def _shares(found: Neighbors, precision: list[dict]) -> list[str]:
    return [
        f"Of the query's class among the {_nearest(row['k'])}: in the last hidden layer "
        f"{_share(row['features'])}, in pixels {_share(row['pixels'])}, by chance "
        f"{100 * found.chance:.1f} % ({_queries(found)})."
        for row in precision
    ]


def _gains(found: Neighbors, precision: list[dict]) -> list[str]:
    return [
        f"Precision at {row['k']}, last hidden layer less pixels, same queries: "
        f"{_difference(row['gain'][0])} ({_queries(found)})."
        for row in precision
    ]


def _outside(found: Neighbors) -> list[str]:
    return [
        f"Of the {words.COLUMNS} nearest in the last hidden layer, {row['neighbours']}: "
        f"outside the nearest {100 * NEAR:g} % in pixels {_share(row['far'])}, by chance "
        f"{100 * (1 - NEAR):g} % (n = {row['count']:,.0f} neighbours a seed)."
        for row in retrieved.outside(found).to_dict("records")
    ]


def _deciles(found: Neighbors) -> list[str]:
    deciles = retrieved.deciles(found)
    own = deciles[deciles["space"] == "features"]
    first, last = (own.iloc[place] for place in (0, -1))
    text = (
        f"Of the query's class among all pairs with one of the {found.pairs} nearest in "
        "the last hidden layer, by distance: in the nearest tenth "
        f"{_share((first['share'], first['seeds']))}, in the farthest "
        f"{_share((last['share'], last['seeds']))} (n = {first['pairs']:,} pairs a tenth "
        "and seed)."
    )
    return [text]


def _cost(runs: Runs, found: Neighbors) -> list[str]:
    probe = probes.probe(runs)
    features = probe[probe["vectors"] == FEATURES] if len(probe) else probe
    if features.empty:
        return []
    width = features["dimensions"].iloc[0]
    full = width * FLOAT_BITS * found.database / 8e6
    code = BITS * found.database / 8e6
    text = (
        f"By arithmetic: a full search of {found.database:,} training images in {width:,} "
        f"dimensions takes {width * found.database / 1e6:,.3g} million multiply-adds a query "
        f"and {full:.3g} MB in float32; codes of {BITS} bits take {code:.2g} MB."
    )
    return [text]


def _codes(runs: Runs) -> list[str]:
    found = probes.codes(runs)
    if found.empty:
        return [f"Codes are not measured: no {CODES} is exported."]
    return [
        f"{_code(row)}: precision at {words.COLUMNS} {words.per_cent(row.precision)}, "
        f"{row.seconds[0]:.3g} seconds for {row.n:,} queries."
        for row in found.itertuples()
    ]


def _code(row) -> str:
    where = SPACES.get(row.source, row.source)
    if row.code == "none":
        return f"Full search in {where}"
    return f"{row.code} of {where}, {row.bits:.0f} bits"


def _probe(runs: Runs) -> list[str]:
    probe = probes.probe(runs)
    if probe.empty:
        return [f"The linear probe is not measured: no {PROBE} is exported."]
    first = probe.iloc[0]
    errors = [
        f"{VECTORS.get(row.vectors, row.vectors)} {words.per_cent(row.seeds)}"
        for row in probe[probe["train_images"] == first["train_images"]].itertuples()
    ]
    text = (
        f"Top-1 error of a softmax on {'; on '.join(errors)} (test split, n = "
        f"{first['error'].n:,}; fitted to {first['train_images']:,} training images)."
    )
    return [text] + [
        f"Error on {VECTORS[name]} less that on the last hidden layer: "
        f"{_difference(gain)}."
        for name, gain in probes.gains(probe).items()
    ]


def _nearest(k: int) -> str:
    return "nearest" if k == 1 else f"{k} nearest"


def _queries(found: Neighbors) -> str:
    return f"n = {len(found.queries):,} queries"


def _share(found: tuple[Estimate, words.Line]) -> str:
    share, seeds = found
    known = f", interval {share.interval} %" if share.interval else ""
    return f"{words.per_cent(seeds)}{known}"


def _difference(found: Estimate) -> str:
    known = f", interval {found.interval} pp" if found.interval else ""
    return f"{100 * found.value:.1f} pp{known}"
