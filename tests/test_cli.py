"""The command line: fast to answer, one line an error, and a run from end to end."""

import os
import signal
import subprocess
import sys

import pytest

from repro import commands
from repro.cli import main, parser
from repro.errors import ReproError
from repro.runs import folder
from tests.made.tiny_data import write_tiny_data
from tests.made.tiny_finished_run import write_tiny_splits


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


COMPUTE = ["--device", "cpu", "--precision", "bfloat16", "--compile"]
REFUSED = [
    (["--devices", "cpu,cpu", "--compile"], "--compile is for one process on one"),
    (["--devices", "cpu,cpu", "--device", "cpu"], "leave one away"),
    (["--devices", "cpu,cpu,cpu"], "--devices cpu,cpu,cpu: name two"),
    (["--devices", "cpu,cuda:99"], "device 'cuda:99' is not available"),
]


@pytest.mark.parametrize("given", [COMPUTE, ["--devices", "cuda:0,cuda:1"]])
def test_reproduce_computes_on_what_train_does(given):
    """The same options, with the same defaults, reach both commands."""
    names = ("device", "devices", "precision", "compile", "set")
    for options in ([], given):
        asked = [
            parser().parse_args([*command, *options])
            for command in (TRAIN, ["reproduce"])
        ]
        train, reproduce = ({name: vars(a)[name] for name in names} for a in asked)
        assert train == reproduce


@pytest.mark.parametrize("command", [TRAIN, ["reproduce"]])
@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_what_cannot_compute_together_is_one_line(places, capsys, command, given, said):
    assert main([*command, *given]) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not (places / "reports").exists()


def test_ray_gives_a_run_one_device(places, capsys):
    assert main(["reproduce", "--engine", "ray", "--devices", "cpu,cpu"]) == 1
    assert "--engine ray gives a run one device" in capsys.readouterr().err


def test_reproduce_refuses_a_network_that_has_no_towers(places, capsys):
    write_tiny_data(places / "data")
    asked = ["reproduce", "--experiments", "activations", "--devices", "cpu,cpu"]
    assert main(asked) == 1
    error = capsys.readouterr().err
    assert "not two towers that meet in fc8" in error and error.count("\n") == 1


def test_reproduce_trains_on_what_it_is_given(places):
    write_tiny_splits(places / "data")
    small = ["--set", "width=0.03", "--set", "epochs=1"]
    given = ["--devices", "cpu,cpu", "--precision", "bfloat16"]
    assert main(["reproduce", "--experiments", "released", *small, *given]) == 0
    [run] = folder.find_runs(places / "reports", "smoke")
    manifest = folder.read_json(run / "manifest.json")
    assert manifest["precision"] == "bfloat16"
    assert manifest["sessions"][0]["towers_on"] == ["cpu", "cpu"]


def test_nothing_is_left_behind_by_an_error(places, capsys):
    main(TRAIN)
    assert not (places / "reports").exists()


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("command", "closed"),
    [
        (["data"], "stdout"),
        ([*TRAIN, "--set", "epochs=1"], "stdout"),
        (["train", "--recipe", "none"], "stderr"),
    ],
)
def test_without_a_reader_it_ends_quietly(places, command, closed, unbuffered):
    """As behind `| head`, whose end of the pipe is closed before anything is said."""
    if command[0] == "train":
        write_tiny_data(places / "data")
    end, ours = os.pipe()
    os.close(end)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, closed: ours}
    program = [sys.executable, "-m", "repro", *command]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(
        program, cwd=folder.ROOT, env=environment, text=True, **streams
    ) as process:
        os.close(ours)
        said = [text for text in process.communicate() if text]
    assert (process.returncode, said) == (128 + signal.SIGPIPE, [])


def test_a_broken_pipe_of_another_kind_is_an_error(monkeypatch):
    def broken(options):
        raise BrokenPipeError

    monkeypatch.setattr(commands, "run_doctor", broken)
    with pytest.raises(BrokenPipeError):
        main(["doctor"])


def test_help_needs_no_slow_library():
    program = (
        "import sys; from repro.cli import main; main([])\n"
        "assert not {'torch', 'numpy', 'pandas', 'matplotlib'} & set(sys.modules)"
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
