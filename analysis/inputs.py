"""What a notebook's answer follows from, by content: unchanged, it need not run again.

Beside an executed notebook lies NN_<topic>.inputs.json, written once it is whole.
"""

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analysis import sources
from analysis.results import ReportError
from repro.runs import RunError, read_json, write_json

# The distributions that decide what a notebook answers and how the page shows it.
LIBRARIES = (
    *("numpy", "pandas", "scipy", "matplotlib", "seaborn", "pillow", "jinja2"),
    *("ipykernel", "papermill", "nbformat", "nbconvert", "latex2mathml", "mistune"),
    *("beautifulsoup4",),
)
Inputs = dict[str, str]


def digest(path: Path) -> str:
    """The SHA-256 of a file; `absent` where there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "absent"


@cache
def versions() -> Inputs:
    """Python and the libraries that draw and lay out."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def of_code(pieces: Iterable[str]) -> Inputs:
    """The project's files that pieces of code use."""
    paths = sorted(sources.closure(pieces))
    return {path.relative_to(sources.ROOT).as_posix(): digest(path) for path in paths}


def of_notebook(
    notebook: Path,
    parameters: Mapping[str, Any],
    evidence: Iterable[Path],
    reports: Path,
    hashed: Callable[[Path], str] = digest,
) -> Inputs:
    """Everything that decides the outputs of a notebook, by name.

    `evidence` are files under `reports`. Raises ReportError for a notebook that is none.
    """
    files = {path.relative_to(reports).as_posix(): hashed(path) for path in evidence}
    return {
        notebook.name: digest(notebook),
        "parameters": json.dumps(parameters, sort_keys=True),
        **versions(),
        **of_code(code(notebook)),
        **files,
    }


def code(notebook: Path) -> list[str]:
    """The code cells; raises ReportError where the file is no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ReportError(
            f"{notebook}: not readable as a notebook ({error})"
        ) from error


def changed(inputs: Inputs, executed: Path) -> str:
    """Why an executed notebook does not answer for `inputs`; empty where it does."""
    stamp = stamp_of(executed)
    if not (executed.exists() and stamp.exists()):
        return "not run yet"
    try:
        record = read_json(stamp)
        before, output = dict(record["inputs"]), record["executed"]
    except (RunError, LookupError, TypeError, ValueError):
        return f"{stamp.name} is not readable"
    names = sorted(
        name for name in {*before, *inputs} if before.get(name) != inputs.get(name)
    )
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return f"{names[0]}{more} changed"
    return "" if output == digest(executed) else f"{executed.name} changed"


def record(inputs: Inputs, executed: Path) -> None:
    """Say that this executed notebook, which is whole, answers for `inputs`."""
    write_json(stamp_of(executed), {"inputs": inputs, "executed": digest(executed)})


def stamp_of(executed: Path) -> Path:
    """Where the inputs of an executed notebook are written down."""
    return executed.with_suffix(".inputs.json")
