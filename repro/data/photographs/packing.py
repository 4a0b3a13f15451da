"""Photographs to packs: in parallel, going on after a kill, whole or not at all.

Everything happens in <root>/<dataset>/.packing; what is verified there is moved into
place at the end.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from repro.data.pack_places import need_only, need_place, remove
from repro.data.packs import (
    Pack,
    PackCorrupt,
    PackMissing,
    data_root,
    open_pack,
    verify_pack,
)
from repro.data.photographs import label_checks
from repro.data.photographs import plan as packing_plan
from repro.data.photographs.archives import DECOMPRESSED
from repro.data.photographs.decoders import available_cores
from repro.data.photographs.decoding import resize_rule
from repro.data.photographs.image_sets import ImageSet, find_image_set
from repro.data.photographs.plan import SPLITS
from repro.data.photographs.source_files import fingerprint, list_files
from repro.data.photographs.split import Packing, pack_split, put_in_place
from repro.errors import ReproError

Say = Callable[[str], None]


class PackingStopped(ReproError):
    """Packing stopped for a reason outside of the source; what is done is kept."""


def pack_photographs(
    dataset: str,
    source: Path,
    side: int,
    root: Path | None = None,
    *,
    workers: int | None = None,
    max_broken: float = 0.01,
    say: Say = print,
) -> None:
    """Pack the photographs of a folder or archive into <root>/<dataset>/{train,test}.

    Each becomes side x side RGB pixels; rows are sorted by (synset, file name), labels
    are positions among the sorted synsets. Nothing to do where the same source is
    packed already; a packing that was killed goes on. `workers` threads decode (by
    default one a core) and do not change the result. Broken files are left out and
    listed in broken.csv, if they are at most `max_broken` of a split. `say` gets lines
    about what happens. Raises SourceUnusable, PackingStopped, PlaceTaken before
    anything is written where the user's files are in the way, and ValueError for
    arguments out of range.
    """
    if side < 1 or not 0 <= max_broken <= 1 or (workers is not None and workers < 1):
        raise ValueError(
            f"side {side}, max_broken {max_broken}, workers {workers}; "
            "allowed: side >= 1, 0 <= max_broken <= 1, workers >= 1 or None"
        )
    folder = (data_root() if root is None else Path(root)) / dataset
    source = Path(source).expanduser()
    if is_packed(folder, source, side, say):
        return
    packing = Packing(folder, side, workers or available_cores(), max_broken, say)
    with _stops_explained(folder), FileLock(folder / ".packing.lock", timeout=0):
        _pack(packing, source)


def is_packed(folder: Path, source: Path, side: int, say: Say = print) -> bool:
    """Whether this source (or one that is gone) is packed; hashes all but the images.

    Where it is not, the place is free for it: raises PlaceTaken otherwise.
    """
    packs, reason = _found(folder, source, side)
    if packs and not reason:
        say(
            f"{folder.name}: already packed, {_contents(packs)}; images not hashed again"
        )
        return True
    need_place(folder, SPLITS, source)
    need_only(folder / packing_plan.WORKSPACE, packing_plan.WORK_FILES)
    if reason:
        say(f"{folder.name}: {reason}; packing it again")
    return False


def _found(folder: Path, source: Path, side: int) -> tuple[list[Pack], str]:
    """Return the packs that are there, and why they are not as wanted."""
    try:
        packs = [open_pack(folder.name, split, folder.parent) for split in SPLITS]
        for pack in packs:
            verify_pack(pack, ("labels", "mean"))
    except PackMissing:
        return [], ""
    except PackCorrupt as error:
        return [], f"the pack is damaged ({error.reason})"
    wanted = {"resize": resize_rule(side)}
    if os.path.exists(source):  # False, not an error, where access is denied
        wanted["source"] = fingerprint(source)
    for pack in packs:
        plan = pack.manifest.get("plan", {})
        if reason := packing_plan.difference(plan, wanted, tuple(wanted)):
            return packs, f"packed before, but {reason}"
    return packs, ""


def _pack(packing: Packing, source: Path) -> None:
    start, say, workspace = time.monotonic(), packing.say, packing.workspace
    scratch = workspace / packing_plan.SCRATCH
    remove(scratch, [DECOMPRESSED])  # of a killed process
    try:
        say(f"{packing.dataset}: listing {source}")
        image_set = find_image_set(list_files(source, scratch))
        label_checks.check_labels(image_set)
        for note in image_set.notes:
            say(f"{packing.dataset}: {note}")
        plan = packing_plan.make_plan(source, image_set, packing.side)
        if reason := packing_plan.take_up(workspace, plan):
            say(
                f"{packing.dataset}: {reason} since a packing was stopped: starting anew"
            )
        _check_room(packing, image_set)
        about = {"source": f"{source.resolve().name}, named by the user", "plan": plan}
        decided = sum(pack_split(packing, image_set, split, about) for split in SPLITS)
        say(f"{packing.dataset}: reading back what was written")
        packs = [_checked(packing, image_set, split) for split in SPLITS]
    finally:
        with suppress(OSError):
            remove(scratch, [DECOMPRESSED])
            workspace.rmdir()  # unless work is left in it
    put_in_place(packing)
    rate = decided / (time.monotonic() - start)
    say(
        f"{packing.dataset}: packed into {packing.folder}, {_contents(packs)}, hashes "
        f"agree; {rate:,.0f} images/s"
    )


def _checked(packing: Packing, image_set: ImageSet, split: str) -> Pack:
    """Open the new pack after comparing it with its hashes and its source."""
    if not (packing.workspace / split).exists():  # in place, checked before that
        return open_pack(packing.dataset, split, packing.folder.parent)
    try:
        pack = open_pack(packing.workspace.name, split, packing.folder)
        verify_pack(pack)
        label_checks.check_pack(pack, image_set, split, packing.workers)
    except ReproError:
        packing_plan.clear(packing.workspace)  # a wrong pack is nothing to go on with
        raise
    return pack


def _check_room(packing: Packing, image_set: ImageSet) -> None:
    """Say it before hours of work, not after."""
    images = sum(len(photographs) for photographs in image_set.splits.values())
    there = sum(path.stat().st_size for path in packing.workspace.rglob("images.npy"))
    needed = images * packing.side**2 * 3 - there
    free = shutil.disk_usage(packing.folder).free
    if needed > free:
        raise PackingStopped(
            f"{packing.folder.absolute()} has {free / 1e9:,.1f} GB free, the packs need "
            f"{needed / 1e9:,.1f} GB: make room or name another place in the environment "
            "variable REPRO_DATA, then run again"
        )


@contextmanager
def _stops_explained(folder: Path) -> Iterator[None]:
    """One line about what can go wrong beside the source."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except Timeout as error:
        raise PackingStopped(
            f"another process is packing into {folder.absolute()}: wait for it to end"
        ) from error
    except OSError as error:
        raise PackingStopped(
            f"cannot write to {folder.absolute()}: {error.strerror or error}; make room "
            "or name another place in the environment variable REPRO_DATA, then run "
            "again: what is done is kept"
        ) from error
    except MemoryError as error:
        raise PackingStopped(
            "not enough memory to decode; what is done is kept: run again, with fewer "
            "workers"
        ) from error


def _contents(packs: list[Pack]) -> str:
    counts = " + ".join(f"{len(p.labels):,} {p.manifest['split']}" for p in packs)
    broken = sum(pack.manifest.get("broken", 0) for pack in packs)
    height, width = packs[0].images.shape[1:3]
    return (
        f"{counts} photographs of {len(packs[0].classes):,} classes at {height} x {width}"
        + (f", {broken:,} broken ones left out (broken.csv)" if broken else "")
    )
