"""The main job, run once at its smallest for all tests that look at what it leaves behind."""

import shutil
from pathlib import Path

import pytest

SMALL = Path(__file__).with_name("small.toml")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A workspace in which the small recipe ran to its end, and its report. Tests read it and do not write into it."""
    from primum.cycles.run import load_recipe, run_recipe
    from primum.cycles.steps import Quiet

    workspace = tmp_path_factory.mktemp("finished")
    report = run_recipe(load_recipe(SMALL), workspace, Quiet())
    return workspace, report


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of that workspace to write into."""
    workspace, _ = finished
    return Path(shutil.copytree(workspace, tmp_path / "copy"))
