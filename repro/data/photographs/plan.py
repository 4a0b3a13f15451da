"""What a packing depends on: when it may go on where another stopped, or is done."""

import hashlib
import importlib.metadata
import json
from pathlib import Path
from typing import Any

from repro.data.pack_places import PACK_FILES, remove
from repro.data.photographs.archives import DECOMPRESSED
from repro.data.photographs.decoding import decoder_versions, resize_rule
from repro.data.photographs.image_sets import ImageSet
from repro.data.photographs.source_files import fingerprint

Plan = dict[str, Any]
SPLITS = ("train", "test")
WORKSPACE = ".packing"  # folder beside the packs
SCRATCH = "decompressed"  # folder in the workspace
WORK_FILES = (  # in the workspace, at any time
    *("plan.json", f"{SCRATCH}/{DECOMPRESSED}"),
    *(
        f"{split}.{end}"
        for split in SPLITS
        for end in ("jsonl", "sums.npz", "sums.new")
    ),
    *(
        f"{split}{state}/{name}"
        for split in SPLITS
        for state in ("", ".growing", ".old")
        for name in PACK_FILES
    ),
)
CHANGED = {  # an entry of the plan, and what it means when it differs
    "source": "the source has changed",
    "photographs": "the number of photographs has changed",
    "files_sha256": "the list of photographs has changed",
    "resize": "side or resize rule have changed",
    "versions": "other versions of the libraries",
}


def make_plan(source: Path, image_set: ImageSet, side: int) -> Plan:
    """Return all that decides the pixels, as JSON values."""
    return {
        "source": fingerprint(source),
        "photographs": {name: len(s) for name, s in image_set.splits.items()},
        "files_sha256": _files_sha256(image_set),
        "resize": resize_rule(side),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Versions of the libraries that make the pixels, Pillow's own too."""
    names = ("numpy", "pillow")
    return {
        name: importlib.metadata.version(name) for name in names
    } | decoder_versions()


def difference(old: Plan, new: Plan, keys: tuple[str, ...] = tuple(CHANGED)) -> str:
    """Say in what the plans differ, '' if in nothing."""
    return "; ".join(CHANGED[key] for key in keys if old.get(key) != new.get(key))


def take_up(workspace: Path, plan: Plan) -> str:
    """Keep an earlier process's work if it had this plan, else clear the workspace.

    Returns why it was cleared, '' where there was nothing or all is kept.
    """
    path = workspace / "plan.json"
    try:
        old = json.loads(path.read_text("utf-8"))
        reason = difference(old, plan)
    except FileNotFoundError:
        old, reason = None, ""
    except (ValueError, AttributeError):
        old, reason = None, "its plan is damaged"
    if old is None or reason:
        clear(workspace)
        workspace.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(plan, indent=1), "utf-8")
    return reason


def clear(workspace: Path) -> None:
    """Remove all work, but not what the source was decompressed to."""
    remove(workspace, (name for name in WORK_FILES if not name.startswith(SCRATCH)))


def _files_sha256(image_set: ImageSet) -> str:
    """Hash what each row of the packs is to be made of."""
    digest = hashlib.sha256()
    for split, photographs in image_set.splits.items():
        for synset, name, file in photographs:
            digest.update(repr((split, synset, name, file.size)).encode())
    return digest.hexdigest()
