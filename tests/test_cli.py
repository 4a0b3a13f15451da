"""The command line: fast to answer, one line an error, and a run from end to end."""

import subprocess
import sys

import pytest

from repro.cli import main, parser
from repro.errors import ReproError
from repro.runs import folder
from tests.made.tiny_data import write_tiny_data


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path / "reports"))
    return tmp_path


TRAIN = ["train", "--profile", "smoke", "--recipe", "cifar-18pct"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            [*TRAIN[:4], "cifar-19pct"],
            "unknown recipe 'cifar-19pct'; known: released-145",
        ),
        (
            ["train", "--profile", "mnist", *TRAIN[3:]],
            "unknown profile 'mnist'; known:",
        ),
        ([*TRAIN, "--set", "lr=1"], "unknown field 'lr'; known fields:"),
        ([*TRAIN, "--set", "epochs=many"], "epochs='many': expected a whole number"),
        ([*TRAIN, "--set", "crop_share=2"], "crop_share=2.0: must be at most 1"),
        ([*TRAIN, "--device", "tpu"], "device 'tpu' is not available; here: auto, cpu"),
        ([*TRAIN, "--devices", "cpu"], "--devices cpu: name two, as cuda:0,cuda:1"),
        (TRAIN, "run `repro data` with the same --profile"),
        (["reproduce", "--experiments", "x"], "unknown experiment 'x'"),
        (["export", "nowhere"], "nowhere"),
        (["export-onnx", "nowhere", "file.onnx"], "nowhere"),
        (["ensemble", "nowhere", "--device", "cpu"], "nowhere: no run here"),
        (["import", "nowhere.onnx", "--profile", "imagenet"], "nowhere.onnx"),
        (["doctor", "--profile", "mnist"], "unknown profile 'mnist'"),
        (["data", "--source", "here"], "leave --source away"),
        (
            ["reproduce", "--set", "learning_rate=1"],
            "--set learning_rate: chosen by the experiment itself",
        ),
    ],
)
def test_errors_are_one_line_and_a_status(places, capsys, arguments, said):
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("repro: ")
    assert said in error
    assert error.count("\n") == 1


def test_nothing_is_left_behind_by_an_error(places, capsys):
    main(TRAIN)
    assert not (places / "reports").exists()


def test_help_needs_no_slow_library():
    program = (
        "import sys; from repro.cli import main; main([])\n"
        "assert not {'torch', 'pandas', 'matplotlib'} & set(sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    commands = ("data", "train", "reproduce", "report", "export", "export-onnx")
    for command in (*commands, "ensemble", "import", "write", "doctor", "bench"):
        assert command in shown


@pytest.mark.parametrize("flag", ["--no-label-check", "--no-canary"])
def test_the_label_check_is_left_out_by_its_old_name_too(flag):
    options = parser().parse_args(["import", "--profile", "smoke", "a.onnx", flag])
    assert options.no_canary


@pytest.fixture
def writers(monkeypatch):
    """What `repro write` calls, replaced by functions that only note their names."""
    called = []

    def file(name):
        called.append(name)
        return f"a/{name}"

    def documents(known):
        assert known["presets"].startswith("|")
        return [file("README.md"), file("docs.md")]

    places = {
        "repro.networks.architectures.write_architectures": lambda: file(
            "architectures"
        ),
        "repro.checks.checks.write_checks": lambda: file("checks"),
        "analysis.report.documents.write_documents": documents,
    }
    for place, writer in places.items():
        monkeypatch.setattr(place, writer)
    return called


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ([], ["architectures", "checks", "README.md", "docs.md"]),
        (["architectures"], ["architectures"]),
        (["checks"], ["checks"]),
        (["readme"], ["README.md", "docs.md"]),
    ],
)
def test_write_writes_the_file_asked_for_or_all(writers, capsys, asked, written):
    assert main(["write", *asked]) == 0
    assert writers == written
    assert capsys.readouterr().out.split() == [f"a/{name}" for name in written]


def test_a_check_that_fails_stops_before_the_readme(writers, monkeypatch, capsys):
    def fail():
        raise ReproError("S1: 2, not 1")

    monkeypatch.setattr("repro.checks.checks.write_checks", fail)
    assert main(["write"]) == 1
    assert writers == ["architectures"]
    assert capsys.readouterr().err == "repro: S1: 2, not 1\n"


def test_write_names_the_files_that_it_knows(writers, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["write", "claims"])
    error = capsys.readouterr().err
    assert "'claims'" in error and "architectures" in error and writers == []


def test_train_writes_the_run_folder_and_again_is_a_no_op(places, capsys):
    write_tiny_data(places / "data")
    arguments = [*TRAIN, "--set", "epochs=1", "--set", "width=0.1", "--seed", "4"]
    assert main(arguments) == 0
    name = "cifar-18pct+epochs=1+width=0.1"
    run = places / "reports" / "smoke" / "runs" / name / "seed-4"
    assert folder.status(run) == "complete"
    assert folder.read_json(run / "recipe.json")["name"] == name
    assert main(arguments) == 0
    assert "complete, nothing to do" in capsys.readouterr().out
    assert main([*arguments, "--precision", "bfloat16"]) == 1
    assert "with --precision float32, not bfloat16" in capsys.readouterr().err
    assert main([*arguments[:-1], "5", "--stop-on-plateau"]) == 0  # 2 steps
    (places / "file").write_text("")
    assert main([*TRAIN, "--out", str(places / "file" / "run")]) == 1
    assert "cannot write here" in capsys.readouterr().err
