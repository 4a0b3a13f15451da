"""Photographs become packs, in parallel, whole or not at all; a killed packing goes on.

All work is done in <root>/<dataset>/.packing. What has been verified there is moved
into place at the end.
"""

import hashlib
import importlib.metadata
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import Timeout

from repro.data.pack_places import MAKE_ROOM, need_only, need_place, remove
from repro.data.packs import (
    Pack,
    PackCorrupt,
    PackMissing,
    data_root,
    open_pack,
    verify_pack,
)
from repro.data.photographs import label_checks
from repro.data.photographs.archives import DECOMPRESSED
from repro.data.photographs.decoding import decoder_versions, resize_rule
from repro.data.photographs.image_sets import ImageSet, find_image_set
from repro.data.photographs.packed_split import (
    SCRATCH,
    SPLITS,
    WORK_FILES,
    Packing,
    pack_split,
    put_in_place,
)
from repro.data.photographs.source_files import fingerprint, list_files
from repro.errors import ReproError
from repro.machine.cores import available_cores
from repro.runs.folder import held

Say = Callable[[str], None]
Plan = dict[str, Any]  # JSON values
CHANGED = {  # an entry of the plan, and what it means when it differs
    "source": "the source has changed",
    "photographs": "the number of photographs has changed",
    "files_sha256": "the list of photographs has changed",
    "resize": "side or resize rule have changed",
    "versions": "other versions of the libraries",
}


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
    are positions among the sorted synsets. Nothing happens where the same source is
    packed already; a packing that was killed goes on. `workers` threads decode (by
    default one a core) and do not change the result. Broken files are left out and
    listed in broken.csv, if they are at most `max_broken` of a split. `say` gets lines
    about what happens. Raises SourceUnusable and PackingStopped, ValueError for
    arguments out of range, and PlaceTaken, before anything is written, where the user's
    files are in the way.
    """
    if side < 1 or not 0 <= max_broken <= 1 or (workers is not None and workers < 1):
        raise ValueError(
            f"side {side}, max_broken {max_broken}, workers {workers}; "
            "allowed: side >= 1, 0 <= max_broken <= 1, workers >= 1 or None"
        )
    folder = data_root(root) / dataset
    packing = Packing(folder, side, workers or available_cores(), max_broken, say)
    source = Path(source).expanduser()
    if _is_packed(packing, source):
        return
    with _stops_explained(folder), held(folder / ".packing.lock"):
        _pack(packing, source)


def _is_packed(packing: Packing, source: Path) -> bool:
    """Whether this source (or one that is gone) is packed; hashes all but the images.

    Raises PlaceTaken where it is not packed and its place is not free.
    """
    packs, reason = _found(packing, source)
    if packs and not reason:
        packing.tell(f"already packed, {_contents(packs)}; images not hashed again")
        return True
    need_place(packing.folder, SPLITS, source)
    need_only(packing.workspace, WORK_FILES)
    if reason:
        packing.tell(f"{reason}; packing it again")
    return False


def _found(packing: Packing, source: Path) -> tuple[list[Pack], str]:
    """Return the packs that are there, and why they are not as wanted."""
    root = packing.folder.parent
    try:
        packs = [open_pack(packing.dataset, split, root) for split in SPLITS]
        for pack in packs:
            verify_pack(pack, ("labels", "mean"))
    except PackMissing:
        return [], ""
    except PackCorrupt as error:
        return [], f"the pack is damaged ({error.reason})"
    wanted = {"resize": resize_rule(packing.side)}
    if os.path.exists(source):  # False, not an error, where access is denied
        wanted["source"] = fingerprint(source)
    for pack in packs:
        plan = pack.manifest.get("plan", {})
        if reason := _difference(plan, wanted, tuple(wanted)):
            return packs, f"packed before, but {reason}"
    return packs, ""


def _pack(packing: Packing, source: Path) -> None:
    start, scratch = time.monotonic(), packing.workspace / SCRATCH
    remove(scratch, [DECOMPRESSED])  # of a killed process
    try:
        packing.tell(f"listing {source}")
        image_set = find_image_set(list_files(source, scratch))
        label_checks.check_labels(image_set)
        for note in image_set.notes:
            packing.tell(note)
        plan = _plan(source, image_set, packing.side)
        if reason := _take_up(packing, plan):
            packing.tell(f"{reason} since a packing was stopped: starting anew")
        _check_room(packing, image_set)
        about = {"source": f"{source.resolve().name}, named by the user", "plan": plan}
        decided = sum(pack_split(packing, image_set, split, about) for split in SPLITS)
        packing.tell("reading back what was written")
        packs = [_checked(packing, image_set, split) for split in SPLITS]
    finally:
        with suppress(OSError):
            remove(scratch, [DECOMPRESSED])
            packing.workspace.rmdir()  # unless work is left in it
    put_in_place(packing)
    rate = decided / (time.monotonic() - start)
    packing.tell(
        f"packed into {packing.folder}, {_contents(packs)}, hashes agree; "
        f"{rate:,.0f} images/s"
    )


def _plan(source: Path, image_set: ImageSet, side: int) -> Plan:
    """Return all that decides the pixels. A packing goes on where its plan is the same."""
    digest = hashlib.sha256()
    for split, photographs in image_set.splits.items():
        for synset, name, file in photographs:
            digest.update(repr((split, synset, name, file.size)).encode())
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "pillow")}
    return {
        "source": fingerprint(source),
        "photographs": {name: len(s) for name, s in image_set.splits.items()},
        "files_sha256": digest.hexdigest(),
        "resize": resize_rule(side),
        "versions": versions | decoder_versions(),
    }


def _difference(old: Plan, new: Plan, keys: tuple[str, ...] = tuple(CHANGED)) -> str:
    """Say in what the plans differ, '' if in nothing."""
    return "; ".join(CHANGED[key] for key in keys if old.get(key) != new.get(key))


def _take_up(packing: Packing, plan: Plan) -> str:
    """Keep an earlier process's work if it had this plan, else clear the workspace.

    Returns why it was cleared, '' where there was nothing or all is kept.
    """
    path = packing.workspace / "plan.json"
    try:
        old = json.loads(path.read_text("utf-8"))
        reason = _difference(old, plan)
    except FileNotFoundError:
        old, reason = None, ""
    except (ValueError, AttributeError):
        old, reason = None, "its plan is damaged"
    if old is None or reason:
        packing.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(plan, indent=1), "utf-8")
    return reason


def _checked(packing: Packing, image_set: ImageSet, split: str) -> Pack:
    """Open the new pack after comparing it with its hashes and its source."""
    if not (packing.workspace / split).exists():  # in place, checked before that
        return open_pack(packing.dataset, split, packing.folder.parent)
    try:
        pack = open_pack(packing.workspace.name, split, packing.folder)
        verify_pack(pack)
        label_checks.check_pack(pack, image_set, split, packing.workers)
    except ReproError:
        packing.clear()  # a wrong pack is nothing to go on with
        raise
    return pack


def _check_room(packing: Packing, image_set: ImageSet) -> None:
    """Raise PackingStopped for lack of room before hours of work, not after them."""
    images = sum(len(photographs) for photographs in image_set.splits.values())
    there = sum(path.stat().st_size for path in packing.workspace.rglob("images.npy"))
    needed = images * packing.side**2 * 3 - there
    free = shutil.disk_usage(packing.folder).free
    if needed > free:
        raise PackingStopped(
            f"{packing.folder.absolute()} has {free / 1e9:,.1f} GB free, the packs need "
            f"{needed / 1e9:,.1f} GB; {MAKE_ROOM}"
        )


@contextmanager
def _stops_explained(folder: Path) -> Iterator[None]:
    """Turn what can go wrong beside the source into PackingStopped, one line."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except Timeout as error:
        raise PackingStopped(
            f"another process is packing into {folder.absolute()}: wait for it to end"
        ) from error
    except OSError as error:
        raise PackingStopped(
            f"cannot write to {folder.absolute()}: {error.strerror or error}; "
            f"{MAKE_ROOM}: what is done is kept"
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
