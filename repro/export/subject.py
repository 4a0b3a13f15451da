"""What the files of an export are made from; it is put together once."""

from dataclasses import dataclass
from pathlib import Path

import torch

from repro.data.batches import Split
from repro.data.packs import Pack
from repro.machine.devices import Compute
from repro.machine.ranks import ONE, Ranks
from repro.runs.folder import RunError
from repro.trained.classifier import Classifier
from repro.trained.run import (
    FinishedRun,
    classifier,
    pack_for_test,
    training_pack,
    whole,
)
from repro.training.prepare import prepare


@dataclass(frozen=True)
class Subject:
    """A finished run with everything that its files are made from."""

    finished: FinishedRun
    packs: dict[str, Pack]  # train and test
    splits: dict[str, Split]  # train, val where one was held out, test
    trained: Classifier
    untrained: Classifier  # the same seed's initial values
    device: torch.device
    ranks: Ranks = ONE

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.finished.folder

    @property
    def classes(self) -> tuple[str, ...]:
        """The names by label; that of an output without images is empty."""
        return self.trained.names(self.packs["train"].classes)


def open_subject(
    finished: FinishedRun,
    device: torch.device,
    data: Path | None,
    ranks: Ranks = ONE,
) -> Subject:
    """Load packs and weights, and draw the initial values again.

    Every rank needs the packs; rank 0 alone has the folder.
    """
    train, test = ranks.everywhere(lambda: _packs(finished, data))
    ranks.same("test images with SHA-256", test.manifest["images_sha256"])
    training = prepare(
        finished.recipe,
        finished.profile,
        train,
        seed=finished.seed,
        run=finished.folder,
        compute=Compute(device, ranks=ranks),
    )
    cpu = torch.device("cpu")
    trained = ranks.by_first(lambda: classifier(finished, data, cpu)).to(device)
    untrained = Classifier(training.network, trained.augmentation, trained.pixels)
    splits = {**_recorded(finished, training.splits), "test": whole(test)}
    packs = {"train": train, "test": test}
    return Subject(finished, packs, splits, trained, untrained, device, ranks)


def _packs(finished: FinishedRun, data: Path | None) -> tuple[Pack, Pack]:
    train = training_pack(finished, data)
    return train, pack_for_test(finished, train, data)


def _recorded(finished: FinishedRun, splits: dict[str, Split]) -> dict[str, Split]:
    """The splits of the training; weights from elsewhere are known to hold out none."""
    if not finished.splits:
        return {"train": splits["train"]}
    sizes = {name: len(split) for name, split in splits.items()}
    if sizes != finished.splits:
        raise RunError(
            f"{finished.folder}: was trained on splits of {finished.splits} images, "
            f"which are {sizes} now; export it with the version that trained it"
        )
    return splits
