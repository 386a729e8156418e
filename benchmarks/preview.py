"""A preview as a whole: the process, the labels, the memory. Alternating runs, medians.

Run: python -m benchmarks.preview. ImageMagick's `montage` is left out where it is not installed.
"""

import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av

from layoutkit import grid, paint
from layoutkit.raster.color import user_color

ROUNDS = 9


def medians(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of each way, by its name."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def process(folder: Path) -> None:
    """`layoutkit preview grid --users 9` beside a montage of nine labelled tiles of the same size."""
    ours, theirs = folder / "ours.png", folder / "theirs.png"
    preview = [sys.executable, "-m", "layoutkit", "preview", "grid", "--users", "9", "-o", str(ours)]
    ways: dict[str, Callable[[], object]] = {"preview": lambda: subprocess.run(preview, check=True)}
    if shutil.which("montage"):
        tiles: list[str] = []
        for number in range(1, 10):
            color = f"xc:#{bytes(user_color(f'user-{number}')).hex()}"
            tiles += ["-label", f"user-{number}", "-size", "426x222", color]
        montage = ["montage", *tiles, "-tile", "3x3", "-geometry", "+0+0", str(theirs)]
        ways["montage"] = lambda: subprocess.run(montage, check=True)
    for name, seconds in medians(ways).items():
        print(f"{name}: {seconds:.2f} s")


def labels() -> None:
    """Painting a labelled preview beside encoding its PNG."""
    for count in (9, 16):
        layout = grid((1280, 720), [f"user-{number}" for number in range(1, count + 1)])
        picture = paint(layout)
        found = medians(
            {
                "painting": lambda layout=layout: paint(layout),  # type: ignore[misc]
                "encoding": lambda picture=picture: picture.save(io.BytesIO(), "PNG"),  # type: ignore[misc]
            }
        )
        ratio = found["painting"] / found["encoding"]
        print(f"{count} windows: painting {found['painting'] * 1e3:.0f} ms, {ratio:.2f} of encoding the PNG")


def memory(folder: Path) -> None:
    """Peak memory of a preview of 25 videos of 1920x1080."""
    video = folder / "video.mp4"
    with av.open(str(video), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        frame = av.VideoFrame(1920, 1080, "yuv420p")
        for number in range(25):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    sources = [word for number in range(1, 26) for word in ("--source", f"user-{number}={video}")]
    words = ["preview", "grid", "--users", "25", "--service", "recording", "--at", "0.5", *sources]
    command = [sys.executable, "-m", "layoutkit", *words, "-o", str(folder / "videos.png")]
    with subprocess.Popen(command) as running:
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit("the preview of videos failed")
    print(f"25 videos of 1920x1080: peak {usage.ru_maxrss / 1024:.0f} MB")


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        process(Path(temporary))
        labels()
        memory(Path(temporary))


if __name__ == "__main__":
    main()
