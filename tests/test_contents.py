"""Which runs a topic shows and which files it may read, held against what it opens."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fake_runs import CURVE_TO_5, write_race, write_run

from analysis import contents, inputs, notebooks, sources
from analysis.contents import LEDGER
from analysis.results import ALL, ReportError

ROOT = Path(__file__).parent.parent
OURS = tuple(f"{ROOT / name}/" for name in ("analysis", "repro", "reports"))
IGNORED = (ROOT / ".gitignore").read_text().splitlines()


def choose(topic, profile, reports):
    return contents.choose(topic, contents.known(profile, reports))


def test_the_best_profile_answers(tmp_path):
    assert choose("activations", None, tmp_path).profile == "smoke"
    write_race(tmp_path, profile={"name": "smoke"})
    assert choose("activations", None, tmp_path).profile == "smoke"
    write_run(tmp_path, CURVE_TO_5)
    assert choose("activations", None, tmp_path).profile == "cifar10"
    assert choose("activations", "smoke", tmp_path).profile == "smoke"


def test_without_its_first_recipe_the_profile_with_most_runs_answers(tmp_path):
    write_run(tmp_path, CURVE_TO_5, condition="R0", profile={"name": "smoke"})
    assert choose("transfer", None, tmp_path).profile == "smoke"
    for seed in (0, 1):
        write_run(tmp_path, CURVE_TO_5, condition="released-145", seed=seed)
    one = {"name": "tiny-imagenet"}
    write_run(tmp_path, CURVE_TO_5, condition="released-145", profile=one)
    assert choose("transfer", None, tmp_path).profile == "cifar10"
    write_run(tmp_path, CURVE_TO_5, condition="transfer-scratch", profile=one)
    assert choose("transfer", None, tmp_path).profile == "tiny-imagenet"


def test_the_ledger_reads_every_profile(tmp_path):
    write_run(tmp_path, CURVE_TO_5)
    write_run(tmp_path, CURVE_TO_5, profile={"name": "smoke"}, status="failed")
    runs = choose(LEDGER, None, tmp_path)
    assert (runs.profile, len(runs.complete), len(runs.incomplete)) == (ALL, 1, 1)
    assert choose(LEDGER, "smoke", tmp_path).profile == "smoke"


def test_an_unknown_profile_is_one_line(tmp_path):
    with pytest.raises(ReportError, match="unknown profile 'mnist'; known: imagenet"):
        contents.known("mnist", tmp_path)


def test_evidence_is_what_is_committed_of_the_topics_runs(tmp_path):
    run = write_run(tmp_path, CURVE_TO_5)
    for name in ("last.pt", "run.lock", "features-test.npy", "kernels.npy"):
        (run / name).touch()
    going = write_run(tmp_path, CURVE_TO_5, seed=2, status="running")
    other = write_run(tmp_path, CURVE_TO_5, condition="released-145")
    found = contents.evidence(
        "activations", choose("activations", "cifar10", tmp_path), tmp_path
    )
    whole = ("kernels.npy", "manifest.json", "metrics.csv", "recipe.json")
    records = ("manifest.json", "recipe.json")  # its curve is not shown yet
    assert found == [*(run / n for n in whole), *(going / n for n in records)]
    assert not [path for path in found if path.is_relative_to(other)]


def test_files_beside_the_runs_belong_to_the_topics_that_read_them(tmp_path):
    write_run(tmp_path, CURVE_TO_5, condition="released-145")
    averaged = tmp_path / "cifar10" / "ensembles" / "five" / "errors.csv"
    measured = tmp_path / "bench" / "step-cpu.csv"
    for path in (averaged, measured):
        path.parent.mkdir(parents=True)
        path.touch()
    for topic, beside in {
        "errors": {averaged},
        "training": {measured},
        "kernels": set(),
        LEDGER: {averaged, measured},
    }.items():
        for profile in (None, "cifar10"):
            runs = choose(topic, profile, tmp_path)
            found = contents.evidence(topic, runs, tmp_path)
            assert {averaged, measured} & set(found) == beside, topic


def test_what_analysis_does_not_read_is_what_git_ignores():
    start = next(n for n, line in enumerate(IGNORED) if "too large" in line)
    assert sorted(contents.UNREAD) == sorted(filter(None, IGNORED[start + 1 :]))


# Every topic in one process that notes the files it opens; drawings take long and
# read nothing.
TRACED = """
import importlib, json, os, sys
from analysis import contents, ledger, results, style

style.drawn = lambda *rest: style.Drawing(b"", b"")
opened, found = set(), {}

def note(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        opened.add(os.fspath(arguments[0]))

sys.addaudithook(note)
for topic in contents.TOPICS:
    for profile in sys.argv[1:] if topic != contents.LEDGER else [results.ALL]:
        load = ledger.load if topic == contents.LEDGER else results.load
        runs = load(profile)
        opened.clear()
        section = importlib.import_module(f"analysis.{topic}").section(runs)
        found[f"{topic} {profile}"] = sorted(opened)
modules = [name for name in sys.modules if name.startswith(("analysis", "repro"))]
print(json.dumps({"files": found, "modules": modules}))
"""


@pytest.fixture(scope="module")
def traced():
    """What the topics open of the committed evidence, and which modules that takes."""
    command = [sys.executable, "-c", TRACED, "cifar10", "tiny-imagenet"]
    return json.loads(subprocess.check_output(command, cwd=ROOT, text=True))


def test_no_topic_opens_a_file_that_is_not_among_its_inputs(traced):
    reports, seen = ROOT / "reports", 0
    for case, opened in traced["files"].items():
        topic, profile = case.split()
        runs = choose(topic, None if profile == ALL else profile, reports)
        code = inputs.code(notebooks.find(topic))
        known = {*contents.evidence(topic, runs, reports), *sources.closure(code)}
        ours = {Path(name) for name in opened if name.startswith(OURS)}
        ours -= {path for path in ours if path.suffix == ".pyc"}
        assert ours <= known, case
        seen += len(ours)
    assert seen > 50  # curves of figure 1 alone are 37


def test_no_module_is_loaded_that_is_not_among_the_inputs_of_the_ledger(traced):
    """Which it imports by name at run time."""
    found = inputs.of_code(inputs.code(notebooks.find(LEDGER)))
    loaded = {name.replace(".", "/") for name in traced["modules"]} - {
        "analysis/contents"
    }
    missing = {f"{n}.py" for n in loaded} | {f"{n}/__init__.py" for n in loaded}
    missing = {name for name in missing if (ROOT / name).is_file()} - found.keys()
    assert missing == set() and len(loaded) > 80
