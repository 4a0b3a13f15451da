"""`repro bench pack` compares packing by two workers with packing by one."""

import multiprocessing
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import repeat
from pathlib import Path

from repro.bench.made_up_photographs import write_photographs
from repro.bench.measuring import Row, Settings, in_turn, rates, row
from repro.data.photographs.archives import File
from repro.data.photographs.decoding import decode
from repro.data.photographs.image_sets import find_image_set
from repro.data.photographs.packing import pack_photographs
from repro.data.photographs.source_files import list_files

REPEATS = 9
PHOTOGRAPHS, FEW = 1000, 20
SIDE = 256
WORKERS = 2
TOGETHER = 40  # photographs decoded into one array


def rows(settings: Settings) -> Iterator[Row]:
    """Measure the two rows of pack-cpu.csv.

    The first is of packing, from listing the files to verified packs. The second is of
    processes that share nothing and only decode; it shows how much a second core can
    give on this machine, whose host may have other work.
    """
    count = FEW if settings.quick else PHOTOGRAPHS
    side = settings.side or SIDE
    with (
        tempfile.TemporaryDirectory(prefix="repro-bench-") as name,
        ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as processes,
    ):
        place = Path(name)
        photographs = write_photographs(place / "photographs", count)
        packs = place / "packs"
        found = find_image_set(list_files(photographs, place / "decompressed"))
        files = [each.file for split in found.splits.values() for each in split]

        def pack(workers: int) -> None:
            said = {"say": lambda line: None, "workers": workers}
            pack_photographs("bench", photographs, side, packs, **said)

        def only_decode(number: int) -> None:
            shares = [files[first::number] for first in range(number)]
            list(processes.map(_decoded, shares, repeat(side)))

        seconds = in_turn(
            {
                "2 workers": partial(pack, WORKERS),
                "1 worker": partial(pack, 1),
                "2 processes": partial(only_decode, WORKERS),
                "1 process": partial(only_decode, 1),
            },
            settings.device,
            settings.rounds(REPEATS),
            title="packing",
            before=lambda name: shutil.rmtree(packs, ignore_errors=True),
        )
    done = {name: rates(each, count) for name, each in seconds.items()}
    about = {"threads": WORKERS, "dtype": "uint8", "side": side}
    what = f"{count} JPEG photographs of 500 x 375 pixels"
    for case, ours, peer in (
        (f"packing {what}, 2 workers", "2 workers", "1 worker"),
        (f"only decoding {what}, 2 processes", "2 processes", "1 process"),
    ):
        yield row(case, done[ours], done[peer], peer, "images/s", **about)


def _decoded(files: list[File], side: int) -> None:
    for start in range(0, len(files), TOGETHER):
        decode(files[start : start + TOGETHER], side)
