"""torchvision's names become ours, and nothing else passes."""

import pytest
import torch
from torchvision.models import alexnet

from repro.weights.class_order import ImportRefused
from repro.weights.read import LAYERS, RGB_MEAN, RGB_STD, SIDE, torchvision_state


@pytest.fixture
def state():
    with torch.device("meta"):
        names = list(alexnet(weights=None).state_dict())
    return {name: torch.full((2,), float(k)) for k, name in enumerate(names)}


def test_names(state, tmp_path):
    torch.save(state, tmp_path / "some.pth")
    ours = torchvision_state(tmp_path / "some.pth")
    assert list(ours) == [
        f"{n}.{k}" for n in LAYERS.values() for k in ("weight", "bias")
    ]
    assert [value[0].item() for value in ours.values()] == list(range(16))


def test_the_scaling_is_torchvisions_own():
    from torchvision.models import AlexNet_Weights

    preset = AlexNet_Weights.IMAGENET1K_V1.transforms()
    assert (tuple(preset.mean), tuple(preset.std)) == (RGB_MEAN, RGB_STD)
    assert (preset.crop_size, preset.resize_size) == ([SIDE], [256])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s | {"classifier.9.weight": s["classifier.6.bias"]}, "is unknown"),
        (
            lambda s: {k: v for k, v in s.items() if "6.b" not in k},
            "no 'features.6.bias'",
        ),
        (lambda s: {"state_dict": s}, "save what is under 'state_dict' alone"),
        (lambda s: s | {"features.0.bias": 3}, "'features.0.bias' is no tensor"),
        (lambda s: list(s.values()), "no 'features.0.weight'"),
    ],
)
def test_another_file_is_refused_by_its_first_difference(state, tmp_path, change, said):
    torch.save(change(state), tmp_path / "some.pth")
    with pytest.raises(ImportRefused) as refused:
        torchvision_state(tmp_path / "some.pth")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04"])
def test_what_is_no_checkpoint_is_one_line(tmp_path, content):
    (tmp_path / "some.pth").write_bytes(content)
    with pytest.raises(ImportRefused, match="not a file of weights alone") as refused:
        torchvision_state(tmp_path / "some.pth")
    assert "\n" not in str(refused.value)


def test_code_in_a_file_is_not_run(tmp_path):
    torch.save(alexnet, tmp_path / "whole.pth")
    with pytest.raises(ImportRefused, match="not a file of weights alone"):
        torchvision_state(tmp_path / "whole.pth")
