"""environment.yml adds an interpreter and pip; versions live in pyproject.toml alone."""

import tomllib
from pathlib import Path

import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_conda_installs_the_project_and_nothing_else():
    interpreter, pip, through_pip = CONDA["dependencies"]
    assert interpreter.startswith("python=")
    assert pip == "pip"
    assert through_pip == {"pip": ["-e .[dev]"]}
    assert "dev" in PROJECT["optional-dependencies"]


def test_the_interpreter_is_one_the_project_supports():
    version = CONDA["dependencies"][0].removeprefix("python=")
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)


def test_each_dependency_is_named_once():
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    names = [line.split("[")[0].split(">")[0] for lines in lists for line in lines]
    assert len(names) == len(set(names))
