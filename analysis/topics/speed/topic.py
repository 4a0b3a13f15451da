"""Speed: images per second, what the paper's training would take, and benchmarks."""

from analysis.claims.measurement import Measured
from analysis.display.holes import hole
from analysis.display.sections import Html, Section, folded, holes, table
from analysis.evidence import commands
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Runs
from analysis.topics.speed import benchmarks, costs, throughput


def section(runs: Runs) -> Section:
    """Tables of speeds, costs and benchmarks; nothing is drawn."""
    runs = runs.named(RELEASED)
    shown = _speeds(runs) + _costs(runs) + benchmarks.tables() + holes(runs)
    return Section(shown, Html(""))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs and the benchmarks measure of each claim, for the ledger."""
    return throughput.measured(runs) | benchmarks.measured(runs)


def _speeds(runs: Runs) -> Html:
    speeds = throughput.speeds(runs)
    if speeds.empty:
        return hole("Speed: not run", commands.released(runs))
    caption = (
        "Speed of training, medians over epochs (range): measuring after an epoch not "
        "counted, data wait the share of the seconds spent waiting for images; "
        f"extrapolated days: {throughput.EPOCHS.value:g} passes over "
        f"{throughput.IMAGES.value:,.0f} images of the side under Input, in pixels, on "
        "the network of this width (the paper's: 1), at the median speed. No run took them"
    )
    return table(throughput.shown(speeds), caption=caption)


def _costs(runs: Runs) -> Html:
    speeds = costs.gpu_speeds(throughput.speeds(runs))
    return folded(
        "What the paper's training would cost on GPUs",
        table(costs.shown(speeds), caption=costs.caption()),
    )
