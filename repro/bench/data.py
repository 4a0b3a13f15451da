"""`repro bench data` compares our input with torchvision's, and its share of a step.

Both inputs start from files in the page cache, end in batches of crops on the device,
and have one core. Ours reads a pack, which holds photographs at 256 pixels, and adds
colour noise, which the peer does not have. The peer (ImageFolder, DataLoader, Pillow
transforms) decodes JPEG files in each epoch: either photographs of ImageNet's usual
size, which it resizes to 256 pixels, or copies that were stored at 256 before. Another
row compares training steps fed by our loader with steps on a batch that is in place.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from repro.bench.contestants import BFLOAT16, bare_loop, impossible
from repro.bench.made_up_photographs import write_photographs
from repro.bench.measuring import Row, Settings, Work, in_turn, one_core, rates, row
from repro.bench.ours import our_epoch, our_training, recipe_at
from repro.data.batches import Split, in_order, kept_on, steps_per_epoch
from repro.data.packs import open_pack
from repro.data.photographs.packing import pack_photographs
from repro.data.views import measure_pixels, training_input
from repro.machine.devices import set_deterministic
from repro.recipes.profiles import find_profile

REPEATS = 5
PHOTOGRAPHS, FEW = 500, 40
BATCH = 128
EPOCHS = 4  # of ours in a round, as one would be short
SIDE, STORED = 224, 256
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # torchvision's
FED_SIDE = 56
FED_STEPS = {"cpu": 4, "cuda": 100}


def rows(settings: Settings) -> Iterator[Row]:
    """Measure all rows of data-<device>.csv."""
    set_deterministic(settings.device.type == "cpu")  # as `repro train` does
    with tempfile.TemporaryDirectory(prefix="repro-bench-") as place:
        yield from _loaders(settings, Path(place))
    yield from _fed(settings)


def _loaders(settings: Settings, place: Path) -> Iterator[Row]:
    device, batch = settings.device, settings.batch or BATCH
    count = FEW if settings.quick else PHOTOGRAPHS
    photographs = write_photographs(place / "photographs", count)
    small = write_photographs(place / "small", count, STORED, STORED)
    pack_photographs(
        "bench", photographs, STORED, place / "packs", say=lambda line: None
    )
    work, ours = our_loader(place / "packs", batch, device)
    works = {
        "ours": work,
        f"ImageFolder of 500 x 375 pixels, made {STORED}": image_folder(
            photographs, batch, device
        ),
        f"ImageFolder of {STORED} x {STORED} pixels": image_folder(
            small, batch, device
        ),
    }
    with one_core():
        seconds = in_turn(works, device, settings.rounds(REPEATS), title="loaders")
        threads = torch.get_num_threads()
    fast = rates(seconds.pop("ours"), ours)
    theirs = len(ImageFolder(photographs / "train"))
    about = {"threads": threads, "dtype": "float32", "batch": batch, "side": SIDE}
    case = f"crops from {theirs} JPEG photographs or their pack at {STORED}, one core"
    for name, measured in seconds.items():
        peer = f"{name}, DataLoader, Pillow transforms"
        yield row(case, fast, rates(measured, theirs), peer, "images/s", **about)


def our_loader(packs: Path, batch: int, device: torch.device) -> tuple[Work, int]:
    """Return EPOCHS passes over a pack as work, and the number of images in them.

    The batches are made as `repro train` makes them.
    """
    pack = open_pack("bench", "train", packs)
    augmentation = recipe_at(SIDE, batch).augmentation
    covariance = np.array(pack.manifest["rgb_covariance"])
    pixels = measure_pixels(pack.mean, covariance, augmentation).to(device)
    split = Split(pack.images, pack.labels, np.arange(len(pack.labels)))
    split = kept_on(device, split)
    steps = range(EPOCHS * steps_per_epoch(len(split), batch))

    def load() -> None:
        loader = in_order(split, batch_size=batch, seed=0, steps=steps, device=device)
        for step, (images, _) in enumerate(loader):
            training_input(images, augmentation, pixels, seed=0, step=step)

    return load, EPOCHS * len(split)


def image_folder(photographs: Path, batch: int, device: torch.device) -> Work:
    """Return one pass over a folder of JPEG files as work.

    There are no worker processes, as they would share the one core with this one.
    """
    seen = transforms.Compose(
        [
            transforms.Resize(STORED),
            transforms.CenterCrop(STORED),
            transforms.RandomCrop(SIDE),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )
    loader = DataLoader(
        ImageFolder(photographs / "train", seen),
        batch,
        shuffle=True,
        pin_memory=device.type == "cuda",
    )

    def load() -> None:
        for images, labels in loader:
            images.to(device, non_blocking=True)
            labels.to(device, non_blocking=True)

    return load


def _fed(settings: Settings) -> Iterator[Row]:
    """Measure R0 on stored images of 64 pixels, by our loader and on one batch."""
    device, batch = settings.device, settings.batch or (8 if settings.quick else BATCH)
    steps = 1 if settings.quick else FED_STEPS[device.type]
    precision = "float32" if BFLOAT16 in impossible(device) else "bfloat16"
    ours, synthetic = (
        our_training(FED_SIDE, batch, steps, device, precision) for _ in range(2)
    )
    stored = find_profile("tiny-imagenet").side
    images = torch.randn(batch, 3, FED_SIDE, FED_SIDE, device=device)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.arange(batch, device=device)
    works = {
        "ours": our_epoch(ours),
        "synthetic": bare_loop(
            synthetic.network,
            synthetic.optimizer,
            [(images, labels)] * steps,
            precision,
        ),
    }
    seconds = in_turn(works, device, settings.rounds(REPEATS), title="training, fed")
    fast, synthetic_rates = (rates(each, steps * batch) for each in seconds.values())
    where = "on the device" if device.type == "cuda" else "in memory"
    case = f"training on stored images of {stored} pixels, {where}"
    about = {"dtype": precision, "batch": batch, "side": FED_SIDE}
    peer = "the same network on one batch in place"
    yield row(case, fast, synthetic_rates, peer, "images/s", **about)
