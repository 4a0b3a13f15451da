"""Run a notebook with parameters, checked before a kernel starts."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.evidence.runs import ROOT, ReportError

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER = ROOT / "notebooks"
SECONDS = 600  # a notebook only reads files and draws


def find(topic: str) -> Path:
    """The notebook of a topic: notebooks/NN_<topic>.ipynb."""
    found = sorted(FOLDER.glob(f"[0-9][0-9]_{topic}.ipynb"))
    if len(found) != 1:
        raise ReportError(
            f"{FOLDER}: expected one NN_{topic}.ipynb, found {len(found)}"
        )
    return found[0]


def defaults(notebook: "NotebookNode", name: str) -> dict[str, Any]:
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
) -> "NotebookNode":
    """Run the notebook on `reports`; keep the executed copy at `output`.

    Raises ReportError naming the parameter, or the cell and its error.
    """
    import nbformat  # this and what follows is slow to import

    check(parameters, defaults(nbformat.read(path, as_version=4), path.name), path.name)
    import papermill
    from nbclient.exceptions import CellTimeoutError

    from analysis.report import kernels

    folder = kernels.own_folder()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        return papermill.execute_notebook(
            path,
            output,
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            start_timeout=SECONDS,
            execution_timeout=SECONDS,
            kernel_manager_class=kernels.NotebookKernel,
            config=kernels.config(reports, Path(folder.name)),
        )
    except papermill.PapermillExecutionError as error:
        number = error.cell_index + 1 - bool(parameters)  # without the injected cell
        text = f"{error.ename}: {error.evalue}"
        raise _failure(path, number, error.source, text) from error
    except (CellTimeoutError, RuntimeError) as error:  # no answer, or a dead kernel
        cells = nbformat.read(output, as_version=4).cells
        text = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
        if not (started := sum(map(_started, cells))):
            raise ReportError(f"{path.name}, before its first cell: {text}") from error
        source = cells[started - 1].source
        raise _failure(path, started - bool(parameters), source, text) from error
    except OSError as error:
        raise ReportError(f"{output}: cannot be written ({error.strerror})") from error
    finally:
        folder.cleanup()


def _started(cell: "NotebookNode") -> bool:
    return bool(cell.metadata.get("papermill", {}).get("start_time"))


def _failure(path: Path, number: int, source: str, text: str) -> ReportError:
    line = source.strip().splitlines()[0]
    return ReportError(f"{path.name}, cell {number} ({line}): {text}")
