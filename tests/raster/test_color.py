import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from layoutkit.raster.color import user_color


def luminance(color: tuple[int, int, int]) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@given(st.text())
def test_white_text_can_be_read_on_every_users_color(user_id: str) -> None:
    assert 1.05 / (luminance(user_color(user_id)) + 0.05) >= 4.5


def test_every_process_gives_a_user_the_same_color() -> None:
    code = "from layoutkit.raster.color import user_color; print(*user_color('alice'))"
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert answers == {" ".join(map(str, user_color("alice"))) + "\n"}


def test_neighbours_in_a_numbered_room_look_different() -> None:
    colors = [user_color(f"user-{n}") for n in range(1, 26)]
    assert len(set(colors)) == 25
