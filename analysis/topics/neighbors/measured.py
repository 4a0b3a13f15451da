"""What Figure 4's right measures of each claim, for the ledger."""

from typing import Any

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.display import words
from analysis.evidence import exported
from analysis.evidence.runs import Run, Runs
from analysis.statistics import estimates, images
from analysis.statistics.numbers import signed
from analysis.topics.neighbors import codes as coded_search
from analysis.topics.neighbors import probes, retrieved
from analysis.topics.neighbors.codes import Coded
from analysis.topics.neighbors.probes import CODES, HOG, PIXELS, PROBE, UNTRAINED
from analysis.topics.neighbors.retrieved import COLUMNS, COUNTED, NEAR, Neighbors

# By the claim's names.
PROBED = {PIXELS: "pixels", UNTRAINED: "random weights", HOG: "HOG"}
NEAREST = dict(zip(COUNTED, ("the nearest", "the six nearest"), strict=True))
OVER_RUNS = "Student's t over runs, each with both"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; claims that nothing measures lack."""
    runs = exported.chosen(runs.named(exported.RECIPES), retrieved.FILES)
    if not runs.complete:
        return {}
    found = retrieved.neighbors(runs)
    rows = {row["k"]: row for row in retrieved.precision(found).to_dict("records")}
    codes = coded_search.coded(runs)
    six = rows[COLUMNS]
    answers = {
        "F4Ra": _layout(runs.complete[0]),
        "F4Rb": (_gain(runs, found, six, "precision"), _far(runs, found)),
        "F4Rc": tuple(_speedup(runs, each) for each in codes),
        "F4Rd": tuple(_codes(runs, each) for each in codes),
        "X4": (_gain(runs, found, six, ""),),
        "X5": _probe(runs),
        "X19": tuple(_alike(runs, found, row) for row in rows.values()),
    }
    return {claim: each for claim, each in answers.items() if each}


def _layout(run: Run) -> tuple[Measured, ...]:
    """What the figure draws: the same on any data."""
    shown = retrieved.shown_neighbors(run)
    queries = shown[shown["space"] == "features"].groupby("query").size()
    counts = {
        "test images": len(queries),
        "training images of each": int(queries.min()),
    }
    return from_runs.counted(run, counts)


def _gain(runs: Runs, found: Neighbors, row: dict[str, Any], quantity: str) -> Measured:
    shares = (words.per_cent(row[space][1]) for space in retrieved.SPACES)
    gain, _ = row["gain"]
    stated = "{}: {} in the last hidden layer, {} in pixels"
    stated = stated.format(signed(100 * gain.value), *shares)
    return _of_queries(runs, found, gain, "points", quantity, stated)


def _far(runs: Runs, found: Neighbors) -> Measured:
    row = retrieved.outside(found).set_index("neighbours").loc["all"]
    share, seeds = row["far"]
    stated = (
        f"{words.per_cent(seeds)}; by chance {100 * (1 - NEAR):g} %, median rank "
        f"{100 * row['median']:.0f} % of the images"
    )
    return _of_queries(runs, found, share, "%", "far apart", stated)


def _alike(runs: Runs, found: Neighbors, row: dict[str, Any]) -> Measured:
    share, seeds = row["features"]
    stated = f"{words.per_cent(seeds)}; by chance {100 * found.chance:.1f} %"
    return _of_queries(runs, found, share, "%", NEAREST[row["k"]], stated)


def _of_queries(
    runs: Runs,
    found: Neighbors,
    estimate: estimates.Estimate,
    unit: str,
    quantity: str,
    stated: str,
) -> Measured:
    protocol = (
        f"queries among {found.database:,} training images, Euclidean; "
        f"{images.BOOTSTRAP} of queries, of the seeds' mean"
    )
    return Measured(
        **from_runs.limits(estimate),
        unit=unit,
        quantity=quantity,
        stated=stated,
        images=estimate.images,
        **_from(runs, protocol),
    )


def _from(runs: Runs, protocol: str) -> dict[str, Any]:
    """The runs behind a measurement and what they were measured on."""
    return {
        "seeds": (len(runs.complete),),
        "dataset": from_runs.trained_on(runs.complete[0]),
        "split": "test",
        "protocol": protocol,
        "runs": from_runs.folders(runs.complete),
    }


def _probe(runs: Runs) -> tuple[Measured, ...]:
    runs = exported.exported(runs, [PROBE])
    table = probes.probe(runs)
    if table.empty:
        return ()
    errors = {row.vectors: words.per_cent(row.seeds) for row in table.itertuples()}
    protocol = (
        f"{table['protocol'].iloc[0]}; Newcombe's interval of the seeds' means, as if "
        "of different images"
    )
    return tuple(
        Measured(
            **from_runs.limits(gain),
            unit="points",
            quantity=PROBED[vectors],
            stated=(
                f"{signed(100 * gain.value)}: {errors[vectors]} and "
                f"{errors[probes.FEATURES]}"
            ),
            images=gain.images,
            **_from(runs, protocol),
        )
        for vectors, gain in probes.gains(table).items()
    )


def _speedup(runs: Runs, found: Coded) -> Measured:
    stated = (
        f"{found.speedup.value:.1f}: codes of {found.bits} bits; of the query's class "
        f"{words.per_cent(found.features)} of the six nearest, by full search "
        f"{words.per_cent(found.full)}"
    )
    runs = exported.exported(runs, [CODES])
    machines = {
        from_runs.hardware(run.manifest["export"]["hardware"]) for run in runs.complete
    }
    return Measured(
        **from_runs.limits(found.speedup, factor=1),
        unit="times",
        stated=stated,
        images=found.queries,
        **_from(runs, f"all queries on {' or '.join(sorted(machines))}; {OVER_RUNS}"),
    )


def _codes(runs: Runs, found: Coded) -> Measured:
    stated = (
        f"{signed(100 * found.gain.value)}, codes of {found.bits} bits: "
        f"{words.per_cent(found.features)} and {words.per_cent(found.pixels)}"
    )
    runs = exported.exported(runs, [CODES])
    return Measured(
        **from_runs.limits(found.gain),
        unit="points",
        stated=stated,
        images=found.queries,
        **_from(runs, f"codes of an auto-encoder, Hamming distance; {OVER_RUNS}"),
    )
