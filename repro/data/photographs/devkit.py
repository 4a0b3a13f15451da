"""The development kit of ILSVRC-2012: what its ids mean, and its validation labels.

Its ids (1 to 1000) follow no order, least of all that of the sorted synsets: only
meta.mat says which class an id means.
"""

import io
import re
import tarfile
from pathlib import PurePosixPath

from repro.data.photographs.archives import SourceUnusable
from repro.data.photographs.source_files import Files, read

META = "meta.mat"
GROUND_TRUTH = "ILSVRC2012_validation_ground_truth.txt"
ARCHIVE = re.compile(r"ILSVRC2012_devkit.*\.(tar|tar\.gz|tgz)")


def words(files: Files) -> dict[str, str]:
    """Return synset -> words, empty where there is no devkit."""
    content = _content(files, META)
    return {} if content is None else {s: w for s, w in _meta(content).values()}


def validation_labels(names: list[str], files: Files) -> dict[str, str] | None:
    """Return the synset of each of these validation files; None without a devkit.

    The number at the end of a file's name is its line in the ground truth, so some of
    the files may be missing. Raises SourceUnusable.
    """
    truth, meta = _content(files, GROUND_TRUTH), _content(files, META)
    if truth is None:
        return None
    if meta is None:
        raise SourceUnusable(
            f"{GROUND_TRUTH} has ids of the devkit, not of the sorted synsets: "
            f"put the devkit's {META} beside it and run again"
        )
    synsets, ids = _meta(meta), truth.split()
    try:
        lines = {name: int(re.search(r"(\d+)\.\w+$", name)[1]) for name in names}
        if min(lines.values()) < 1:
            raise IndexError
        return {name: synsets[int(ids[line - 1])][0] for name, line in lines.items()}
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise SourceUnusable(
            f"the {len(ids):,} lines of {GROUND_TRUTH} do not fit the files in val/: "
            "those are named ILSVRC2012_val_00000001.JPEG and so on, a line for each"
        ) from error


def _meta(content: bytes) -> dict[int, tuple[str, str]]:
    """Return id -> (synset, words) of the classes; inner nodes of the tree left out."""
    from scipy.io import loadmat  # slow to load

    try:
        rows = loadmat(io.BytesIO(content), squeeze_me=True)["synsets"]
        leaves = [row for row in rows if row["num_children"] == 0]
        return {
            int(row["ILSVRC2012_ID"]): (str(row["WNID"]), str(row["words"]))
            for row in leaves
        }
    except Exception as error:  # a damaged file can raise nearly anything
        raise SourceUnusable(
            f"{META} is damaged, or not of the ILSVRC-2012 devkit "
            f"({type(error).__name__}: {error}); fetch the devkit again"
        ) from error


def _content(files: Files, name: str) -> bytes | None:
    """Return one file of the devkit, unpacked or in its archive."""
    for file in files.values():
        if PurePosixPath(file.name).name == name:
            return read(file)
    for file in files.values():
        if ARCHIVE.fullmatch(PurePosixPath(file.name).name):
            return _in_archive(read(file), name)
    return None


def _in_archive(content: bytes, name: str) -> bytes | None:
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                if PurePosixPath(member.name).name == name and member.isfile():
                    return archive.extractfile(member).read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise SourceUnusable(
            f"the devkit is damaged ({error}); fetch it again"
        ) from error
    return None
