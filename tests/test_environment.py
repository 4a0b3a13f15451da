"""environment.yml adds an interpreter and pip; versions live in pyproject.toml alone."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
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


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_takes_an_environment_whose_path_has_a_space(tmp_path):
    """Once it is installed there, nothing is installed again."""
    environment = tmp_path / "my environment"
    environment.mkdir()
    stamp = environment / ".alexnet-repro"

    known = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}

    def planned():
        answer = subprocess.run(
            ["make", "--dry-run", "data"],
            cwd=ROOT,
            env=known | {"VIRTUAL_ENV": str(environment)},
            check=True,
            capture_output=True,
            text=True,
        )
        return answer.stdout.splitlines()

    data = f"'{environment}/bin/repro' data --profile smoke "
    *_, last, then = planned()
    assert last.endswith(f"> '{stamp}'") and then == data
    stamp.write_text(f"{ROOT}\n")
    assert planned() == [data]
