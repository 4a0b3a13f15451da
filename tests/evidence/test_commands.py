"""The commands for readers ask for experiments that the profiles have."""

from analysis.evidence import commands
from repro.recipes.profiles import PROFILES


def test_profiles_have_the_experiments_that_the_commands_ask_for():
    asked = {name: {*p.experiments, *p.on_request} for name, p in PROFILES.items()}
    released = {name for name, known in asked.items() if "released" in known}
    grids = {name for name, known in asked.items() if "plateau" in known}
    assert set(commands.PROFILES) == released
    assert set(commands.PLATEAU_PROFILES) == grids
