"""`demo`: the three jobs on a recording of its own making, so that a newcomer sees them in one command."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import av
import av.video.stream
import numpy as np
import typer

from layoutkit.errors import OutputError
from layoutkit.geometry.floating import floating
from layoutkit.geometry.grid import grid
from layoutkit.geometry.layout import Layout
from layoutkit.geometry.rect import Size
from layoutkit.output import replacing
from layoutkit.raster.paint import paint
from layoutkit.sei.reader import read_sei
from layoutkit.sei.row import SeiMessage
from layoutkit.sei.volume_layout import DEFAULT_TYPE, VolumeLayout
from layoutkit.sei.write import write_sei
from layoutkit.wire import to_layout_params

CANVAS = Size(1280, 720)
RATE = 25
SCENE_S = 2
"""Seconds each of the two layouts is on screen."""


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    folder: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder for the files, made if need be", metavar="DIR"),
    ] = Path("layoutkit-demo"),
) -> None:
    """Make a recording, write layouts into it, read them back, draw them and print a payload."""
    _make(folder)
    scenes = (
        grid(CANVAS, ["alice", "bob", "carol"]),
        floating(CANVAS, ["alice", "bob", "carol", "dave"]),
    )
    clip, recording = folder / "clip.mp4", folder / "recording.mp4"
    record(clip, scenes)
    _say("a mixed recording, H.264 with B-frames", clip)

    write_sei(clip, recording, list(messages(scenes, ts=int(time.time()))))
    _say("the same with a volume-layout SEI a second", recording)

    for number, message in enumerate(read_sei(recording, types={DEFAULT_TYPE})):
        decoded = message.layout
        assert decoded is not None, "what was written reads back as a layout"
        picture = folder / f"decoded-{number}.png"
        with replacing(picture) as temporary:
            paint(decoded.to_layout()).save(temporary)
        heard = ", ".join(f"{region.uid} {region.volume}" for region in decoded.regions)
        _say(f"decoded at {message.pts_s} s (volumes: {heard}) and drawn", picture)

    payload = folder / "payload.json"
    text = json.dumps(to_layout_params(scenes[0]), indent=2)
    with replacing(payload) as temporary:
        temporary.write_text(text + "\n")
    _say("the first layout as a MixLayoutList", payload)
    print(text)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: the folder cannot be made: {error.strerror}") from error


def record(target: Path, scenes: tuple[Layout, ...]) -> None:
    """Encode the layouts' pictures one after the other, as the service would have recorded them."""
    with replacing(target) as temporary, av.open(str(temporary), "w") as container:
        stream: av.video.stream.VideoStream = container.add_stream(
            "libx264", rate=RATE, options={"preset": "veryfast", "bf": "2", "g": str(RATE * SCENE_S)}
        )
        stream.width, stream.height, stream.pix_fmt = CANVAS.width, CANVAS.height, "yuv420p"
        for scene in scenes:
            frame = av.VideoFrame.from_ndarray(np.asarray(paint(scene)), format="rgb24").reformat(
                format="yuv420p"
            )
            for _ in range(RATE * SCENE_S):
                frame.pts = None
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def messages(scenes: tuple[Layout, ...], *, ts: int) -> Iterator[SeiMessage]:
    """A volume-layout SEI for each second of the scenes, each user loud in turn."""
    for second in range(len(scenes) * SCENE_S):
        layout = scenes[second // SCENE_S]
        users = [window.participant.user_id for window in layout.windows if window.participant]
        volumes = {user: 80 if place == second % len(users) else 5 for place, user in enumerate(users)}
        volume_layout = VolumeLayout.from_layout(layout, volumes=volumes, ts=ts + second)
        yield SeiMessage(DEFAULT_TYPE, volume_layout.serialize(), pts_s=float(second))


def _say(what: str, path: Path) -> None:
    print(f"{path}: {what}")
