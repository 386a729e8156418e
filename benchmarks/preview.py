"""A preview as a whole: the process, the labels, files as sources, their memory. Alternating runs, medians.

Run: python -m benchmarks.preview. ImageMagick's `montage` is left out where it is not installed.
"""

import io
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import av
import numpy as np

from benchmarks.paint import photo
from layoutkit import Layout, grid, paint
from layoutkit.geometry.fit import fit
from layoutkit.geometry.rect import Rect, Size
from layoutkit.raster.color import user_color
from layoutkit.raster.images import as_image
from layoutkit.raster.resample import scaled

ROUNDS = 9


def medians(ways: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of each way, by its name."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
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


def make_video(path: Path) -> None:
    """A second of a moving photograph, 1920x1080."""
    picture = np.asarray(photo(1, Size(1920, 1080)))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for number in range(25):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, 8 * number, 1), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def files(folder: Path) -> None:
    """Painting 25 videos and 16 large JPEGs, beside decoding each to a whole picture first; peak memory."""
    video, still = folder / "video.mp4", folder / "still.jpg"
    make_video(video)
    photo(1, Size(4000, 3000)).save(still, quality=90)
    for what, path, count in (("videos of 1920x1080", video, 25), ("JPEGs of 4000x3000", still, 16)):
        users = [f"user-{number}" for number in range(1, count + 1)]
        print(f"{count} {what}: peak {peak_mb(users, path, folder):.0f} MB", end=", ", flush=True)
        layout = grid((1920, 1080), users, service="recording")
        found = medians(
            {
                "files": partial(paint, layout, sources=dict.fromkeys(users, path), at_s=0.5),
                "pictures": partial(from_pictures, layout, path),
            },
            rounds=5,
        )
        ratio = found["files"] / found["pictures"]
        print(f"{found['files']:.2f} s, {ratio:.2f} of decoding and scaling one after the other")


def from_pictures(layout: Layout, path: Path) -> None:
    """Decode all of the file for each window, and scale that."""
    canvas = Rect(0, 0, layout.canvas.width, layout.canvas.height)
    for window in layout.windows:
        picture = as_image(path, at_s=0.5)
        fitted = fit(window.render_mode, Size(*picture.size), window.rect).within(canvas)
        assert fitted is not None
        scaled(picture, fitted.cut, fitted.landing.size)


def peak_mb(users: list[str], path: Path, folder: Path) -> float:
    """Peak memory of a preview in a process of its own."""
    sources = [word for user in users for word in ("--source", f"{user}={path}")]
    words = ["preview", "grid", "--users", str(len(users)), "--service", "recording", "--at", "0.5", *sources]
    canvas = ["--canvas", "1920x1080", "-o", str(folder / "files.png")]
    command = [sys.executable, "-m", "layoutkit", *words, *canvas]
    # A process counts what the one that started it held: a small one starts it.
    starting = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    ran = subprocess.run([sys.executable, "-c", starting, *command], check=True, capture_output=True)
    return int(ran.stdout.split()[-1]) / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        process(Path(temporary))
        labels()
        files(Path(temporary))


if __name__ == "__main__":
    main()
