"""One call of `repro reproduce`: where, on what and how its runs are made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from repro.export.ensemble import write_ensemble
from repro.export.export import export
from repro.machine.ranks import ONE, Ranks
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import Profile, configured
from repro.recipes.settings import run_name
from repro.runs import folder as runs
from repro.trained.run import open_finished
from repro.training.epoch import Diverged
from repro.training.metrics import Row
from repro.training.plateau import Stop
from repro.training.train import train


@dataclass(frozen=True)
class Laboratory:
    """Where and on what the runs of one call are made."""

    profile: Profile
    reports: Path
    device: torch.device
    changes: dict[str, Any]  # --set, on top of every recipe
    precision: str = "float32"
    ranks: Ranks = ONE
    say: Callable[[str], None] = tqdm.write

    def run(
        self,
        name: str,
        changes: dict[str, Any],
        seed: int,
        stop: Stop = lambda rows: None,
        pause: int | None = None,
    ) -> list[Row]:
        """Train recipe `name` with `changes`, up to epoch `pause` where there is one.

        A run that diverges by then returns no rows.
        """
        changes = changes | self.changes
        try:
            return train(
                configured(find_recipe(name), self.profile, changes),
                self.profile,
                name=run_name(name, changes),
                seed=seed,
                run=self.folder(name, changes, seed),
                device=self.device,
                precision=self.precision,
                stop=stop,
                pause=pause,
                ranks=self.ranks,
                say=self.say,
            )
        except Diverged as error:
            self.say(str(error))
            return []

    def run_and_export(
        self,
        name: str,
        changes: dict[str, Any],
        seed: int,
        *,
        comparison: bool = False,
        stop: Stop = lambda rows: None,
    ) -> None:
        """The same, and what analysis needs of the trained network (`export`)."""
        if self.run(name, changes, seed, stop=stop):
            folder = self.folder(name, changes, seed)
            options = {"device": self.device, "comparison": comparison}
            export(folder, **options, ranks=self.ranks, say=self.say)

    def average(self, name: str, seeds: Iterable[int]) -> None:
        """The ensemble of these seeds of one recipe, if all are done and have weights."""
        members = [self.folder(name, {}, seed) for seed in seeds]
        self.ranks.by_first(lambda: self._average(members))

    def _average(self, members: list[Path]) -> None:
        if all(self._has_weights(run) for run in members):
            self.say(str(write_ensemble(members, device=self.device)))

    def _has_weights(self, run: Path) -> bool:
        """Not so where it diverged, or in a fresh clone."""
        if runs.status(run) != "complete":
            return False
        finished = open_finished(run)
        return finished.has(finished.weights)

    def folder(self, name: str, changes: dict[str, Any], seed: int) -> Path:
        """Where this run of the recipe lives, with what `--set` adds to its changes."""
        label = run_name(name, changes | self.changes)
        return runs.run_folder(self.reports, self.profile.name, label, seed)
