"""Who may import whom: the architecture, read from the source by ast.

A package is a layer. It imports its own modules and those of the packages beside its
name here, and nothing else of the project.
"""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest

from repro.runs.folder import ROOT

LEAVES = "recipes runs machine"
ARROWS = {
    "repro.recipes": "",
    "repro.runs": "",
    "repro.machine": "",
    "repro.data": LEAVES,  # with cifar10 and photographs
    "repro.networks": LEAVES,
    "repro.trained": f"{LEAVES} data networks",
    "repro.doctor": f"{LEAVES} data",
    "repro.training": f"{LEAVES} data networks trained",
    "repro.export": f"{LEAVES} data networks trained training",
    "repro.weights": f"{LEAVES} data networks trained training",
    "repro.bench": f"{LEAVES} data networks trained training",
    "repro.checks": f"{LEAVES} data networks trained training export",
    "repro.experiments": f"{LEAVES} data networks trained training export",
    "analysis.statistics": "",
    "analysis.evidence": "statistics",
    "analysis.claims": "statistics evidence",
    "analysis.display": "statistics evidence",
    "analysis.topics": "statistics evidence claims display",
    "analysis.ledger": "statistics evidence claims display",  # topics by name
    "analysis.report": "statistics evidence claims display topics ledger",
}
TORCH = {"torch", "torchvision"}
JOINT = {"repro.runs", "repro.errors"}  # all of repro that analysis may import
READERS = {"analysis.evidence", "analysis.report"}  # and who may
BRIDGE = "repro.commands"  # the only module of repro that may import analysis


def modules(base: str) -> dict[str, set[str]]:
    """Every module below `base` by its dotted name, with the modules that it imports."""
    paths = {_dotted(path): path for path in (ROOT / base).rglob("*.py")}
    return {name: set(_imported(path)) for name, path in paths.items()}


def _dotted(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path):
    """Names in the imports of a file, lazy ones inside functions included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package(name: str) -> str:
    """`repro.data` of `repro.data.cifar10.fetch`; the top level is its own package."""
    return ".".join(name.split(".")[:2])


def topic(name: str) -> str:
    """`kernels` of `analysis.topics.kernels.towers`; empty outside of topics."""
    parts = name.split(".")
    return parts[2] if parts[:2] == ["analysis", "topics"] and len(parts) > 3 else ""


REPRO, ANALYSIS = modules("repro"), modules("analysis")


@pytest.mark.parametrize("base", [REPRO, ANALYSIS])
def test_a_package_imports_only_what_its_arrows_allow(base):
    wrong = []
    for module, names in base.items():
        own = package(module)
        if own not in ARROWS:  # the top level: command line, errors
            assert module.count(".") < 2, f"{own} has no arrows: name it in this file"
            continue
        root = own.partition(".")[0]
        allowed = {own, *(f"{root}.{each}" for each in ARROWS[own].split())}
        for other in names & base.keys():
            apart = topic(module) and topic(other) and topic(module) != topic(other)
            below = package(other) in {*allowed, "repro.errors", root}
            if apart or not below:
                wrong.append(f"{module} imports {other}")
    assert wrong == []


@pytest.mark.parametrize("base", [REPRO, ANALYSIS])
def test_no_modules_import_each_other(base):
    graph = {module: names & base.keys() - {module} for module, names in base.items()}
    list(TopologicalSorter(graph).static_order())  # raises CycleError


def test_analysis_imports_of_repro_only_the_run_folder():
    for module, names in ANALYSIS.items():
        assert not {name.split(".")[0] for name in names} & TORCH, module
        of_repro = {package(name) for name in names if name.startswith("repro")}
        assert not of_repro or package(module) in READERS, f"{module}: {of_repro}"
        assert of_repro - {"repro"} <= JOINT, f"{module}: {of_repro}"


def test_repro_imports_analysis_only_in_the_command_line():
    for module, names in REPRO.items():
        if module != BRIDGE:
            assert "analysis" not in {name.split(".")[0] for name in names}, module


def test_packages_say_what_they_are_and_import_nothing():
    for name in {name.rpartition(".")[0] for name in {**REPRO, **ANALYSIS}} - {""}:
        path = ROOT / name.replace(".", "/") / "__init__.py"
        body = ast.parse(path.read_text()).body
        assert name in ("repro", "analysis") or len(body) == 1, path
        assert all(isinstance(line, ast.Expr) for line in body), path


@pytest.mark.parametrize("names", [sorted(ANALYSIS), ["repro.cli"]])
def test_analysis_and_the_command_line_load_without_torch(names):
    """What ast cannot see: an import of an import."""
    code = (
        f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\n"
    )
    code += f"print([name for name in {sorted(TORCH)} if name in sys.modules])"
    found = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert found.strip() == "[]"
