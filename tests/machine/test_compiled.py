"""Compiled training steps beside the network's own."""

import shutil

import pytest
import torch
from torch import nn

from repro import cli
from repro.machine.compiled import CompileError, compiled, no_compiler
from repro.machine.devices import Compute, DeviceError, find_device
from repro.machine.ranks import ONE, Ranks
from repro.networks.layers import MaskDropout
from repro.networks.response_norm import CrossMapNorm, SameMapNorm
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import SMOKE, configured
from repro.runs import folder
from repro.training.train import train
from tests.made.tiny_data import write_tiny_data

CPU = find_device("cpu")
SETTINGS = {"width": 0.03, "epochs": 1, "batch_size": 130, "hold_out": False}


@pytest.mark.skipif(no_compiler(CPU) is not None, reason="needs a C++ compiler")
def test_a_compiled_network_is_the_network():
    """Outputs and gradients through both norms, with the same dropout masks."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3),
        CrossMapNorm(5, alpha=1.0, beta=0.75, k=2.0, towers=2),
        SameMapNorm(3, alpha=1.0, beta=0.75, k=1.0),
        nn.Flatten(),
        MaskDropout(0.5),
        nn.Linear(8 * 6 * 6, 2),
    )
    x, found = torch.randn(4, 3, 8, 8), []
    for forward in (network, compiled(network, CPU)):
        torch.manual_seed(1)
        y = forward(x)
        found.append([y, *torch.autograd.grad(y.square().sum(), network.parameters())])
    for ours, expected in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)


def test_a_run_with_compiled_steps_trains_as_others_do(monkeypatch, tmp_path):
    """Two steps of R0, its operations recorded but not compiled: that takes a minute."""
    compiler, asked = torch.compile, []

    def recorded(network, **how):
        asked.append(how)
        return compiler(network, backend="aot_eager", fullgraph=True, dynamic=False)

    monkeypatch.setattr(torch, "compile", recorded)
    monkeypatch.setattr("repro.machine.compiled.no_compiler", lambda device: None)
    write_tiny_data(tmp_path)
    recipe = configured(find_recipe("released-145"), SMOKE, SETTINGS)
    weights, losses = [], []
    for compile_steps in (False, True):
        run = tmp_path / f"compiled-{compile_steps}"
        rows = train(
            recipe,
            SMOKE,
            name="tiny",
            seed=0,
            run=run,
            compute=Compute(CPU, compiled=compile_steps),
            data=tmp_path,
            say=lambda line: None,
        )
        (session,) = folder.read_json(run / "manifest.json")["sessions"]
        assert session.get("compiled", False) is compile_steps
        losses.append(rows[-1]["running_loss"])
        weights.append(torch.load(run / "last.pt", weights_only=True)["network"])
    options = {"fallback_random": True, "triton.cudagraphs": False}
    assert asked == [{"dynamic": False, "options": options}]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    for name, expected in weights[0].items():
        torch.testing.assert_close(weights[1][name], expected, rtol=1e-4, atol=1e-6)


def test_without_a_compiler_it_says_so_in_a_line(monkeypatch, capsys, tmp_path):
    write_tiny_data(tmp_path)
    monkeypatch.setenv("REPRO_DATA", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    command = ["train", "--recipe", "released-145", "--compile", "--device", "cpu"]
    assert cli.main([*command, "--out", str(tmp_path / "run")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("repro: no C++ compiler") and error.count("\n") == 1


def test_what_excludes_each_other():
    for ranks, second in ((Ranks(0, 2), None), (ONE, CPU)):
        with pytest.raises(CompileError, match="one process on one device; leave"):
            Compute(CPU, compiled=True, ranks=ranks, second=second)
    with pytest.raises(DeviceError, match="for one process, not 2"):
        Compute(CPU, second=CPU, ranks=Ranks(0, 2))
