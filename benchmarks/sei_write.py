"""Writing SEI into an MP4 beside `ffmpeg -c copy` to a new file: alternating runs, medians, their ratio.

Run: python benchmarks/sei_write.py [MINUTES]. It makes its own input, 25 pictures a second with audio.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7


def make(path: Path, minutes: int) -> None:
    """A recording of about 12 MB a minute: one minute encoded, then repeated without encoding."""
    minute = path.with_name("minute.mp4")
    encode = (
        "ffmpeg -v error -y -f lavfi -i testsrc2=s=1280x720:r=25:d=60 -f lavfi -i sine=d=60 -c:v libx264 "
        "-preset ultrafast -b:v 1500k -x264-params nal-hrd=cbr:vbv-maxrate=1500:vbv-bufsize=1500 -c:a aac"
    )
    subprocess.run([*encode.split(), str(minute)], check=True)
    repeat = ["ffmpeg", "-v", "error", "-y", "-stream_loop", str(minutes - 1), "-i", str(minute)]
    subprocess.run([*repeat, "-c", "copy", str(path)], check=True)


def seconds(command: list[str], target: Path) -> float:
    """One run to a new file, with nothing left to be written of the one before."""
    target.unlink(missing_ok=True)
    os.sync()
    start = time.perf_counter()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.mp4"), Path(folder, "out.mp4")
        make(source, minutes)
        copy = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-c", "copy", str(target)]
        write = [sys.executable, "-m", "layoutkit", "sei", "write", str(source), str(target)]
        write += ["--layout", "grid"]
        times = [(seconds(copy, target), seconds(write, target)) for _ in range(ROUNDS)]
        ffmpeg, ours = (statistics.median(column) for column in zip(*times, strict=True))
        peak = subprocess.run(
            [sys.executable, "-c", _PEAK, *write[1:]], check=True, capture_output=True, text=True
        ).stdout.strip()
        print(f"{source.stat().st_size / 1e6:.0f} MB, {minutes} minutes")
        print(
            f"ffmpeg -c copy {ffmpeg:.2f} s, sei write {ours:.2f} s, ratio {ours / ffmpeg:.2f}, peak {peak}"
        )


_PEAK = (
    "import resource, subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]], check=True);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, 'MB')"
)

if __name__ == "__main__":
    main()
