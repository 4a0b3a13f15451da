"""Packing photographs with two workers beside one."""

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from repro.bench_tables import Row, Settings, in_turn, rates, row
from repro.made_up_photographs import write_photographs
from repro.packing import pack_photographs

REPEATS = 5
PHOTOGRAPHS, FEW = 1000, 20
SIDE = 256
WORKERS = 2


def rows(settings: Settings) -> Iterator[Row]:
    """The row of pack-cpu.csv: from listing the files to verified packs in place."""
    count = FEW if settings.quick else PHOTOGRAPHS
    side = settings.side or SIDE
    with tempfile.TemporaryDirectory(prefix="repro-bench-") as name:
        place = Path(name)
        photographs = write_photographs(place / "photographs", count)
        packs = place / "packs"

        def pack(workers: int) -> None:
            say = partial(str)  # nothing
            pack_photographs(
                "bench", photographs, side, packs, workers=workers, say=say
            )

        works = {f"{n} workers": partial(pack, n) for n in (WORKERS, 1)}
        seconds = in_turn(
            works,
            settings.device,
            settings.rounds(REPEATS),
            title="packing",
            before=lambda name: shutil.rmtree(packs, ignore_errors=True),
        )
    ours, peer = (rates(each, count) for each in seconds.values())
    case = f"packing {count} JPEG photographs of 500 x 375 pixels, {WORKERS} workers"
    about = {"threads": WORKERS, "dtype": "uint8", "side": side}
    yield row(case, ours, peer, "1 worker", "images/s", **about)
