"""The rooms of the house: imports point one way, and heavy libraries stay in their homes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "layoutkit"

LEVELS = [
    {"errors", "lazy"},
    {"output"},
    {"geometry"},
    {"wire", "raster", "sei", "presets"},
    {"source"},
    {"mix"},
    {"cli"},
]
"""Lowest first: a room imports itself and what stands on a lower level, never a neighbour."""

HOMES = {
    "av": {
        "sei/ffmpeg_log",
        "sei/opening",
        "sei/parts",
        "sei/stream",
        "sei/track",
        "sei/glimpse",
        "sei/long_movie",
        "sei/rewrite",
        "sei/remux",
        "raster/frames",
        "cli/demo",
        "mix",
    },
    "PIL": {"raster"},
    "numpy": {
        "raster",
        "cli/demo",
        "sei/fast/ts",
        "sei/fast/transport",
        "sei/fast/pes",
        "sei/fast/delays",
        "sei/fast/nal_units",
    },
    "shapely": {"geometry/coverage"},
    "tencentcloud": {"wire/tencent"},
}
"""Library to the modules or rooms that may import it."""

EXCEPTIONS = {("geometry/layout", "raster")}
"""A notebook shows a Layout through `Layout._repr_png_`, which imports `raster` when it is called."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names of all modules a file imports, function bodies included, TYPE_CHECKING blocks too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            names.add(node.module)
    return names


def module_name(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix().removesuffix("/__init__")


def level(room: str) -> int:
    return next(n for n, rooms in enumerate(LEVELS) if room in rooms)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_one_way(path: Path) -> None:
    name = module_name(path)
    room = name.split("/")[0]
    if room in {"__init__", "__main__"}:
        return
    for target in imported(path):
        parts = target.split(".")
        if parts[0] != "layoutkit" or len(parts) == 1 or (name, parts[1]) in EXCEPTIONS:
            continue
        assert parts[1] == room or level(parts[1]) < level(room), f"{name} imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_heavy_libraries_stay_in_their_homes(path: Path) -> None:
    name = module_name(path)
    for target in imported(path):
        homes = HOMES.get(target.split(".")[0])
        if homes is not None:
            assert name in homes or name.split("/")[0] in homes, f"{name} imports {target}"


def test_importing_the_package_loads_none_of_the_heavy_libraries() -> None:
    code = "import sys, layoutkit; print(sorted({'av', 'PIL', 'shapely', 'numpy'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_every_public_name_can_be_had() -> None:
    import layoutkit

    for name in layoutkit.__all__:
        assert getattr(layoutkit, name) is not None
