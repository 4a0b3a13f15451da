"""One call of `repro reproduce`: where its runs lie and on what they are computed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from repro.machine.devices import Compute
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import Profile, configured
from repro.recipes.settings import run_name
from repro.runs import folder as runs
from repro.training.epoch import Diverged
from repro.training.metrics import Row, Stop, never
from repro.training.train import train


@dataclass(frozen=True)
class Session:
    """What the runs of one call have in common."""

    profile: Profile
    reports: Path
    compute: Compute
    changes: dict[str, Any]  # --set, on top of every recipe
    say: Callable[[str], None] = tqdm.write

    def run(
        self,
        name: str,
        changes: dict[str, Any],
        seed: int,
        stop: Stop = never,
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
                compute=self.compute,
                stop=stop,
                pause=pause,
                say=self.say,
            )
        except Diverged as error:
            self.say(str(error))
            return []

    def folder(self, name: str, changes: dict[str, Any], seed: int) -> Path:
        """Where this run of the recipe lives, with what `--set` adds to its changes."""
        label = run_name(name, changes | self.changes)
        return runs.run_folder(self.reports, self.profile.name, label, seed)
