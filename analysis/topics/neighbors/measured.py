"""What Figure 4's right measures of each claim."""

from typing import Any

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.display import words
from analysis.evidence import exported
from analysis.evidence.curves import RELEASED
from analysis.evidence.features import (
    CODES,
    FEATURES,
    HOG,
    PIXELS,
    PROBE,
    SPACES,
    UNTRAINED,
    Neighbors,
    neighbors,
)
from analysis.evidence.runs import Run, Runs
from analysis.statistics.estimates import Estimate
from analysis.statistics.images import BOOTSTRAP
from analysis.statistics.numbers import signed
from analysis.topics.neighbors import probes, retrieved
from analysis.topics.neighbors.probes import Coded
from analysis.topics.neighbors.retrieved import NEAR

# What the softmax on features is compared with, by the claim's names.
PROBED = {PIXELS: "pixels", UNTRAINED: "random weights", HOG: "HOG"}
OVER_RUNS = "Student's t over runs, each with both"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim id -> its measurements; claims that nothing measures are left out."""
    runs = exported.chosen(runs.named(RELEASED), retrieved.FILES)
    if not runs.complete:
        return {}
    found = neighbors(runs)
    nearest, six = retrieved.precision(found).to_dict("records")
    coded = exported.exported(runs, [CODES])
    codes = probes.coded(coded)
    answers = {
        "F4Ra": _layout(runs.complete[0], found),
        "F4Rb": (_gain(runs, found, six, "precision"), _far(runs, found)),
        "F4Rc": tuple(_speedup(coded, each) for each in codes),
        "F4Rd": tuple(_codes(coded, each) for each in codes),
        "X4": (_gain(runs, found, six, ""),),
        "X5": _probe(exported.exported(runs, [PROBE])),
        "X19": (
            _alike(runs, found, nearest, "the nearest"),
            _alike(runs, found, six, "the six nearest"),
        ),
    }
    return {claim: each for claim, each in answers.items() if each}


def _layout(run: Run, found: Neighbors) -> tuple[Measured, ...]:
    """F4Ra: how many images the figure draws."""
    shown = retrieved.shown(found)
    queries = shown[shown["space"] == FEATURES].groupby("query").size()
    counts = {
        "test images": len(queries),
        "training images of each": int(queries.min()),
    }
    return from_runs.counted(run, counts)


def _gain(runs: Runs, found: Neighbors, row: dict[str, Any], quantity: str) -> Measured:
    features, pixels = (words.per_cent(row[space][1]) for space in SPACES)
    gain, _ = row["gain"]
    stated = (
        f"{signed(100 * gain.value)}: {features} in the last hidden layer, "
        f"{pixels} in pixels"
    )
    return _measured(runs, gain, "points", stated, _search(found), quantity)


def _far(runs: Runs, found: Neighbors) -> Measured:
    row = retrieved.outside(found).set_index("neighbours").loc["all"]
    share, seeds = row["far"]
    stated = (
        f"{words.per_cent(seeds)}; by chance {100 * (1 - NEAR):g} %, median rank "
        f"{100 * row['median']:.0f} % of the images"
    )
    return _measured(runs, share, "%", stated, _search(found), "far apart")


def _alike(
    runs: Runs, found: Neighbors, row: dict[str, Any], quantity: str
) -> Measured:
    share, seeds = row[FEATURES]
    stated = f"{words.per_cent(seeds)}; by chance {100 * found.chance:.1f} %"
    return _measured(runs, share, "%", stated, _search(found), quantity)


def _search(found: Neighbors) -> str:
    return (
        f"queries among {found.database:,} training images, Euclidean; "
        f"{BOOTSTRAP} of queries, of the seeds' mean"
    )


def _probe(runs: Runs) -> tuple[Measured, ...]:
    table = probes.probe(runs)
    if table.empty:
        return ()
    errors = {row.vectors: words.per_cent(row.seeds) for row in table.itertuples()}
    protocol = (
        f"{table['protocol'].iloc[0]}; Newcombe's interval of the seeds' means, as if "
        "of different images"
    )
    return tuple(
        _measured(
            runs,
            gain,
            "points",
            f"{signed(100 * gain.value)}: {errors[vectors]} and {errors[FEATURES]}",
            protocol,
            PROBED[vectors],
        )
        for vectors, gain in probes.gains(table).items()
    )


def _speedup(runs: Runs, found: Coded) -> Measured:
    stated = (
        f"{found.speedup.value:.1f}: codes of {found.bits} bits; of the query's class "
        f"{words.per_cent(found.features)} of the six nearest, by full search "
        f"{words.per_cent(found.full)}"
    )
    machines = {
        from_runs.hardware(run.manifest["export"]["hardware"]) for run in runs.complete
    }
    protocol = f"all queries on {' or '.join(sorted(machines))}; {OVER_RUNS}"
    return _measured(runs, found.speedup, "times", stated, protocol)


def _codes(runs: Runs, found: Coded) -> Measured:
    stated = (
        f"{signed(100 * found.gain.value)}, codes of {found.bits} bits: "
        f"{words.per_cent(found.features)} and {words.per_cent(found.pixels)}"
    )
    protocol = f"codes of an auto-encoder, Hamming distance; {OVER_RUNS}"
    return _measured(runs, found.gain, "points", stated, protocol)


def _measured(
    runs: Runs,
    found: Estimate,
    unit: str,
    stated: str,
    protocol: str,
    quantity: str = "",
) -> Measured:
    """An estimate on test images: of a ratio in "times", else of a fraction."""
    return Measured(
        **from_runs.limits(found, factor=1 if unit == "times" else 100),
        unit=unit,
        quantity=quantity,
        stated=stated,
        seeds=(len(runs.complete),),
        images=found.images,
        dataset=from_runs.trained_on(runs.complete[0]),
        split="test",
        protocol=protocol,
        runs=from_runs.folders(runs.complete),
    )
