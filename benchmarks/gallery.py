"""Redraws `renders/`: the pictures the README shows, and one of each preset.

    python -m benchmarks.gallery [FOLDER]

Each picture is what the command beside it in `renders/README.md` draws; that list comes from the same table.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from layoutkit import presets
from layoutkit.cli import main

FOLDER = Path(__file__).parent.parent / "renders"

CANVASES = {"16:9": "1280x720", "9:16": "720x1280", "1:1": "1080x1080", "4:3": "960x720"}
"""The canvas a preset is shown on, by the first shape it is made for."""

README_PICTURES: Mapping[str, str] = {
    "grid-9.png": "preview grid --users 9",
    "floating-6.png": "preview floating --users 6 --legend",
    "screen-share-8.png": (
        "preview screen-share --users alice:screen,alice,bob,carol,dave,erin,frank,grace --stage alice:screen"
    ),
    "payload.png": "preview grid --users alice,bob",
    "decoded.png": "preview grid --users alice,bob,carol",
    "compare.png": (
        "preview grid floating screen-share --compare --users 5 --canvas 640x360 --service recording"
    ),
    "sheet-grid.png": "sheet grid --counts 1-25",
    "sheet-floating.png": "sheet floating --counts 1-25",
    "sheet-screen-share.png": "sheet screen-share --counts 1-25",
}


def pictures() -> dict[str, str]:
    """File name to the command that draws it."""
    shelf = {}
    for name in presets.names():
        shapes = presets.load(name).shapes
        canvas = next((CANVASES[shape] for shape in shapes if shape in CANVASES), "1280x720")
        shelf[f"preset-{name}.png"] = f"preview {name} --canvas {canvas}"
    return {**README_PICTURES, **shelf}


def index() -> str:
    """The text of `renders/README.md`."""
    lines = [
        "# Pictures",
        "",
        "Drawn by `python -m benchmarks.gallery`; each by the command beside it.",
        "",
        "| picture | command |",
        "|---|---|",
    ]
    lines += [f"| [{name}]({name}) | `layoutkit {words} -o {name}` |" for name, words in pictures().items()]
    return "\n".join(lines) + "\n"


def draw(folder: Path) -> None:
    """Draw all pictures into a folder, and the list of them."""
    for name, words in pictures().items():
        code = main([*words.split(), "-o", str(folder / name)])
        if code:
            sys.exit(code)
    (folder / "README.md").write_text(index())


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
