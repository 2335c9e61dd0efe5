"""The house: layers, sizes, start-up, and that every command, setting and recipe is documented."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "primum"
FILES = sorted(SOURCE.rglob("*.py"))
HEAVY = (
    "torch",
    "transformers",
    "trl",
    "sqlalchemy",
    "numpy",
    "scipy",
    "sklearn",
    "starlette",
    "fastapi",
    "aiohttp",
    "matplotlib",
    "rich",
)


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_are_short_and_have_few_parameters(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 500
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno + 1 <= 80, f"{node.name} is long"
            arguments = node.args
            named = [
                one.arg
                for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                if one.arg not in ("self", "cls")
            ]
            assert len(named) <= 8, f"{node.name} has {len(named)} parameters"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_renderer_prints(path):
    if path.relative_to(SOURCE).as_posix() == "cli/render.py":
        return
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def test_the_layers_hold():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_importing_primum_and_asking_for_help_imports_nothing_heavy():
    loaded = python(
        "import sys, primum\n"
        "from primum.cli.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print(); print('heavy:', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    assert loaded.splitlines()[-1] == "heavy: []"


def test_the_public_names_are_all_there():
    import primum

    assert set(primum.__all__) == {*primum._HOMES, "__version__"}
    for name in primum.__all__:
        assert getattr(primum, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'unheard_of'"):
        _ = primum.unheard_of


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_name_a_module_promises_exists(path):
    if path.name == "__main__.py":
        return
    module = importlib.import_module(
        ".".join(("primum", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
    )
    for name in getattr(module, "__all__", []):
        assert hasattr(module, name)


def test_the_reference_pages_are_what_the_code_says():
    from primum.cli.reference import commands_page, settings_page

    advice = "run: python -m primum.cli.reference docs"
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == commands_page(), advice
    assert (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8") == settings_page(), advice


def test_every_recipe_is_valid_and_opens_with_its_command():
    from primum.config import peek
    from primum.cycles.reward_planning import plan_reward
    from primum.cycles.run import load_recipe

    recipes = sorted((ROOT / "recipes").glob("*.toml"))
    assert recipes
    for path in recipes:
        is_plan = peek(path, "kind") == "reward model plan"
        command = "primum reward plan" if is_plan else "primum run"
        assert path.read_text(encoding="utf-8").startswith(f"# {command} recipes/{path.name}")
        assert (plan_reward(path).recipe if is_plan else load_recipe(path)).name == path.stem


def test_the_readme_opens_with_the_two_commands():
    opening = (ROOT / "README.md").read_text(encoding="utf-8")[:1500]
    assert "make run" in opening and "make test" in opening


def test_every_error_is_drawn_in_the_tree():
    from primum import errors

    for name in errors.__all__:
        assert name in errors.__doc__


def test_every_pin_has_one_version():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(line.count("==") == 1 for line in pins)
    assert "torch==2.13.0" in pins
