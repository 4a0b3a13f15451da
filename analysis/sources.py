"""Which files of the project a piece of code depends on, read from its imports by ast.

Imports inside functions count. A module that imports by name at run time depends on
every module that one of its strings names, and a file of data counts for the modules
that name it.
"""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("analysis", "repro")
DATA = ("analysis/*.*", "reports/*.csv")  # files that modules name by a string


def closure(sources: Iterable[str]) -> set[Path]:
    """The files that these pieces of code use, directly or through other modules."""
    modules, data = _modules(), _data()
    found: set[Path] = set()
    waiting = list(sources)
    while waiting:
        imported, strings = _mentions(waiting.pop())
        names = set(modules) if imported is None else imported & modules.keys()
        names |= {name.rpartition(".")[0] for name in names} & modules.keys()
        paths = {modules[name] for name in names}
        paths |= {data[name] for name in strings & data.keys()}
        waiting += [_text(path) for path in paths - found if path.suffix == ".py"]
        found |= paths
    return found


def _modules() -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    paths = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    return {_dotted(path.relative_to(ROOT)): path for path in paths}


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _data() -> dict[str, Path]:
    paths = [path for pattern in DATA for path in ROOT.glob(pattern)]
    return {path.name: path for path in paths if path.suffix != ".py"}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _mentions(source: str) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The dotted names that code may import, and its strings.

    None instead of names, which stands for every module, where it cannot be parsed.
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return None, frozenset()
    names: set[str] = set()
    strings = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    if "importlib" in names:
        names |= strings | {f"{each}.{name}" for each in PACKAGES for name in strings}
    return frozenset(names), frozenset(strings)
