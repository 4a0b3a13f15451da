"""Run a notebook with parameters, checked before a kernel starts."""

import ast
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from analysis.results import ReportError

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
SECONDS = 600  # a notebook only reads files and draws


def find(topic: str) -> Path:
    """The notebook of a topic: notebooks/NN_<topic>.ipynb."""
    found = sorted(FOLDER.glob(f"[0-9][0-9]_{topic}.ipynb"))
    if len(found) != 1:
        raise ReportError(
            f"{FOLDER}: expected one NN_{topic}.ipynb, found {len(found)}"
        )
    return found[0]


def defaults(notebook: NotebookNode, name: str) -> dict[str, Any]:
    """The literals assigned in the one cell tagged `parameters`."""
    tagged = [
        cell.source
        for cell in notebook.cells
        if "parameters" in cell.metadata.get("tags", [])
    ]
    if len(tagged) != 1:
        raise ReportError(f"{name}: {len(tagged)} cells tagged 'parameters', not one")
    try:
        return dict(_literal(line) for line in ast.parse(tagged[0]).body)
    except (SyntaxError, ValueError) as error:
        raise ReportError(f"{name}: parameters must be literals ({error})") from error


def _literal(line: ast.stmt) -> tuple[str, Any]:
    match line:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, ast.literal_eval(value)
    raise ValueError(f"line {line.lineno} is not a plain assignment")


def check(given: Mapping[str, Any], allowed: Mapping[str, Any], name: str) -> None:
    """Raise ReportError unless `given` names every parameter, with its type."""
    for key, value in given.items():
        if key not in allowed:
            raise ReportError(
                f"{name}: unknown parameter {key}={value!r}; "
                f"allowed: {', '.join(allowed) or 'none'}"
            )
        if type(value) is not type(allowed[key]):
            raise ReportError(
                f"{name}: parameter {key}={value!r} is of type "
                f"{type(value).__name__}; allowed: {type(allowed[key]).__name__}"
            )
    for key in allowed.keys() - given.keys():
        raise ReportError(
            f"{name}: parameter {key} is missing; "
            f"allowed: a value of type {type(allowed[key]).__name__}"
        )


def execute(
    path: Path, parameters: Mapping[str, Any], *, output: Path, reports: Path
) -> NotebookNode:
    """Run the notebook on `reports`; keep the executed copy at `output`.

    Raises ReportError naming the parameter, or the cell and its error.
    """
    check(parameters, defaults(nbformat.read(path, as_version=4), path.name), path.name)
    import papermill  # slow to import; not needed to check
    from traitlets.config import Config

    # Sockets instead of ports: nothing listens on the network.
    transport = "tcp" if os.name == "nt" else "ipc"
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with _environment(REPRO_REPORTS=str(reports), JUPYTER_PREFER_ENV_PATH="1"):
            return papermill.execute_notebook(
                path,
                output,
                parameters=dict(parameters),
                kernel_name="python3",
                progress_bar=False,
                execution_timeout=SECONDS,
                config=Config({"KernelManager": {"transport": transport}}),
            )
    except OSError as error:
        raise ReportError(f"{output}: cannot be written ({error.strerror})") from error
    except papermill.PapermillExecutionError as error:
        number = error.cell_index + 1 - bool(parameters)  # without the injected cell
        line = error.source.strip().splitlines()[0]
        raise ReportError(
            f"{path.name}, cell {number} ({line}): {error.ename}: {error.evalue}"
        ) from error


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set environment variables, which the kernel inherits, for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
