"""`repro doctor` says in one line each what is here, what is missing, what would fail."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from repro.doctor import hardware, installation
from repro.doctor.finding import FAIL, OK, WARN, Finding
from repro.recipes.profiles import PROFILES, Profile, find_profile
from repro.runs.folder import reports_root

SPLITS = ("train", "test")


def doctor(
    profile_name: str | None,
    say: Callable[[str], None] = print,
    *,
    hashes: bool = False,
) -> int:
    """Check what the profile needs, or any profile; return 1 where a check FAILs.

    `hashes` verifies all packed images too, which takes minutes for large data sets;
    else only labels and mean images. Raises ProfileError for an unknown profile.
    """
    named = [find_profile(profile_name)] if profile_name else []
    levels = []
    for check in _checks(named, hashes):
        try:
            for finding in check():
                levels.append(finding.level)
                say(str(finding))
        except ImportError as error:
            levels.append(FAIL)
            say(str(Finding(FAIL, f"a check could not run: {error}", "make env")))
    say(", ".join(f"{levels.count(level)} {level}" for level in (FAIL, WARN, OK)))
    return 1 if FAIL in levels else 0


def _checks(named: list[Profile], hashes: bool) -> list[Callable]:
    return [
        installation.packages,
        installation.torch_pair,
        installation.gpu,
        installation.kernel,
        installation.programs,
        hardware.cores_and_memory,
        _places,
        partial(_packs, named, hashes),
        _disk,
        hardware.product_rates,
    ]


def _places() -> Iterator[Finding]:
    from repro.data.packs import data_root

    yield from hardware.place("data", data_root(), "REPRO_DATA")
    yield from hardware.place("reports", reports_root(), "REPRO_REPORTS")


def _packs(named: list[Profile], hashes: bool) -> Iterator[Finding]:
    """Check the packed data of the named profile, or of all, and say what is missing."""
    from repro.data.packs import pack_folder

    missing = []
    for profile in named or PROFILES.values():
        if any(pack_folder(profile.dataset, split).is_dir() for split in SPLITS):
            yield from _pack(profile, hashes)
        else:
            missing.append(profile)
    if missing:
        sets = ", ".join(profile.dataset for profile in missing)
        step = f"repro data --profile {missing[0].name if named else 'P'}"
        needed = named or len(missing) == len(PROFILES)
        yield Finding(WARN if needed else OK, f"not packed: {sets}", step)


def _pack(profile: Profile, hashes: bool) -> Iterator[Finding]:
    from repro.data.pack_places import NEXT, PlaceTaken
    from repro.data.packs import (
        ARRAYS,
        PackCorrupt,
        PackMissing,
        open_pack,
        verify_pack,
    )

    again = f"repro data --profile {profile.name}"
    shown = []
    for split in SPLITS:
        name = f"{profile.dataset}/{split}"
        try:
            pack = open_pack(profile.dataset, split)
            verify_pack(pack, ARRAYS if hashes else ("labels", "mean"))
        except PlaceTaken as error:
            yield Finding(FAIL, error.what, NEXT)
            continue
        except PackMissing:
            yield Finding(FAIL, f"{name} is not packed, but the other split is", again)
            continue
        except PackCorrupt as error:
            yield Finding(FAIL, f"{name} is damaged: {error.reason}", again)
            continue
        side = pack.images.shape[1]
        if side != profile.side:
            what = f"{name} has images of {side} pixels, not of {profile.side}"
            step = again + " --source PATH" * ("plan" in pack.manifest)
            yield Finding(FAIL, what, step)
            continue
        shown.append(f"{len(pack.labels):,} {split}")
    if len(shown) == len(SPLITS):
        checked = "all hashes agree" if hashes else "hashes agree, images unread"
        classes = f"{len(pack.classes):,} classes"
        counts = " + ".join(shown)
        yield Finding(OK, f"{profile.dataset}: {counts} images, {classes}; {checked}")


def _disk() -> Iterator[Finding]:
    from repro.data.packs import data_root

    root = data_root()
    stored = sorted(root.glob("*/train/images.npy"), key=lambda p: p.stat().st_size)
    large: Path | None = stored[-1] if stored else None
    yield from hardware.disk_speed(root, large)
