"""`presets`: the named layouts, each with a sketch in text."""

import typer

from layoutkit import presets as shelf
from layoutkit.geometry.layout import Layout
from layoutkit.geometry.rect import Size
from layoutkit.source import default_users

_COLUMNS, _ROWS = 32, 9
_MARKS = "123456789abcdefghijklmnop"
"""One for each of the 25 windows a mix can have, in list order."""


def register(app: typer.Typer) -> None:
    app.command()(presets)


def presets() -> None:
    """List the named layouts, each with a sketch of its windows."""
    for name in shelf.names():
        preset = shelf.load(name)
        shapes = ", ".join(preset.shapes) or "any shape"
        print(f"{name}: {preset.description}")
        print(f"  {preset.users} windows; {shapes}")
        layout = preset.layout(Size(1280, 720), default_users(preset.users), service="recording")
        print("".join(f"    {line}\n" for line in sketch(layout)))


def sketch(layout: Layout) -> list[str]:
    """The windows as text, back to front: the n-th in list order is filled with the n-th mark."""
    cells = [["."] * _COLUMNS for _ in range(_ROWS)]
    marks = {id(window): mark for window, mark in zip(layout.windows, _MARKS, strict=False)}
    for window in layout.painted:
        for row in range(_ROWS):
            for column in range(_COLUMNS):
                # A cell belongs to the window its middle lies in.
                x = (2 * column + 1) * layout.canvas.width // (2 * _COLUMNS)
                y = (2 * row + 1) * layout.canvas.height // (2 * _ROWS)
                rect = window.rect
                if rect.x <= x < rect.right and rect.y <= y < rect.bottom:
                    cells[row][column] = marks[id(window)]
    return ["".join(row) for row in cells]
