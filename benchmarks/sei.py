"""Reading SEI beside FFmpeg: alternating runs, medians, ratios; each a whole process from the command line.

Run: python benchmarks/sei.py [MINUTES] [FOLDER]. It makes its own recordings, of an hour unless told
otherwise, in FOLDER or a temporary one: 25 pictures and 0.2 MB a second, audio, a layout a second.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
SLOW_ROUNDS = 1
"""Of the peers that take up to a hundred times as long."""

LIMITS = {"hour.mp4": 1.1, "fragmented.mp4": 1.1, "hour.flv": 1.2, "hour.ts": 1.2, "hour.264": 0.9}
"""What reading may take, relative to `ffmpeg -c copy -f null`."""

SLOW_LIMIT = 20
"""How many times faster it is to be than trace_headers, and than decoding for side data."""

_ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
"""Modules are compiled once, as an installation has them."""

_DECODE = (
    "import av, sys\n"
    "with av.open(sys.argv[1]) as container:\n"
    "    container.streams.video[0].thread_type = 'AUTO'\n"
    "    print(sum(bool(frame.side_data.keys()) for frame in container.decode(video=0)))"
)


def make(folder: Path, minutes: int) -> None:
    """The recordings, each the same packets: one minute encoded, then repeated and copied."""
    minute, plain, hour = folder / "minute.mp4", folder / "plain.mp4", folder / "hour.mp4"
    video = "testsrc2=s=1280x720:r=25:d=60,noise=alls=14:allf=t"
    encode = (
        f"ffmpeg -v error -y -f lavfi -i {video} -f lavfi -i sine=d=60 -c:v libx264 -preset ultrafast "
        "-b:v 1500k -maxrate 1500k -bufsize 1500k -bf 2 -g 50 -c:a aac"
    )
    run([*encode.split(), str(minute)])
    run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-stream_loop",
            str(minutes - 1),
            "-i",
            str(minute),
            "-c",
            "copy",
            str(plain),
        ]
    )
    layoutkit = [sys.executable, "-m", "layoutkit", "sei", "write", str(plain), str(hour)]
    run([*layoutkit, "--layout", "grid", "--users", "9"])
    plain.unlink()
    copy = ["ffmpeg", "-v", "error", "-y", "-i", str(hour), "-c", "copy"]
    run([*copy, "-movflags", "frag_keyframe+empty_moov", str(folder / "fragmented.mp4")])
    run([*copy, str(folder / "hour.flv")])
    run([*copy, str(folder / "hour.ts")])
    run([*copy, "-an", str(folder / "hour.264")])


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(command: list[str], said: Path) -> tuple[float, float]:
    """Seconds of one run, what it says going to a file, and its peak of resident memory in MB."""
    start = time.perf_counter()
    with (
        said.open("wb") as file,
        subprocess.Popen(command, stdout=file, stderr=file, env=_ENVIRONMENT) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def compare(path: Path) -> bool:
    """Measure one recording, print a line, and say whether the limits hold."""
    ffmpeg = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v:0", "-c", "copy"]
    commands = {
        "read": [sys.executable, "-m", "layoutkit", "sei", "read", str(path)],
        "copy": [*ffmpeg, "-f", "null", "-"],
        "cat": ["cat", str(path)],
    }
    trace = ["ffmpeg", "-nostats", *ffmpeg[3:], "-bsf:v", "trace_headers", "-f", "null", "-"]
    slow = {
        # What it finds it tells in its log, which somebody has to read, as the rows: both go to a file.
        "trace_headers": trace,
        "trace_headers to nowhere": trace,
        "decode": [sys.executable, "-c", _DECODE, str(path)],
    }
    said = path.with_suffix(".said")
    times: dict[str, list[float]] = {name: [] for name in [*commands, *slow]}
    peak = 0.0
    # The slow ones last: their log is on its way to the disk for some time.
    for name, command in [*commands.items()] * ROUNDS + [*slow.items()] * SLOW_ROUNDS:
        is_kept = name in ("read", "trace_headers")
        seconds, memory = measure(command, said if is_kept else Path(os.devnull))
        times[name].append(seconds)
        peak = max(peak, memory) if name == "read" else peak
    median = {name: statistics.median(values) for name, values in times.items()}
    ratio = median["read"] / median["copy"]
    said.unlink()
    kept, thrown_away, decode = (median[name] / median["read"] for name in slow)
    print(
        f"{path.name:15} read {median['read']:.2f} s, copy {median['copy']:.2f} s, "
        f"cat {median['cat']:.2f} s: {ratio:.2f} of copy (limit {LIMITS[path.name]}), "
        f"{min(times['read']) / min(times['copy']):.2f} of it in the quickest runs, "
        f"{kept:.0f} x faster than trace_headers with its log in a file ({thrown_away:.0f} x with it thrown "
        f"away), {decode:.0f} x than decoding, peak {peak:.0f} MB"
    )
    return ratio <= LIMITS[path.name] and min(kept, decode) >= SLOW_LIMIT


def main() -> int:
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(temporary)
        if not (folder / "hour.264").exists():
            make(folder, minutes)
        held = [compare(folder / name) for name in LIMITS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
