"""Checking a 16-window StartPublishCdnStream body, beside jsonschema and the official SDK's deserialiser.

Run: python -m benchmarks.check. Rounds alternate between the candidates; the figures are medians.
"""

import copy
import statistics
import time
from collections.abc import Callable
from typing import Any

import jsonschema
from tencentcloud.trtc.v20190722.models import StartPublishCdnStreamRequest

from layoutkit.geometry.grid import grid
from layoutkit.geometry.rect import Size
from layoutkit.wire.check import check
from layoutkit.wire.params import to_layout_params
from layoutkit.wire.publish import StartPublishCdnStream
from layoutkit.wire.schema import schema
from layoutkit.wire.shape import shape_problems

ROUNDS, CALLS = 40, 20


def body() -> dict[str, Any]:
    """A grid of 16 named windows on 1280x720, as a whole body."""
    users = [f"user-{number}" for number in range(16)]
    return {
        "SdkAppId": 1400000000,
        "RoomId": "100",
        "RoomIdType": 0,
        "AgentParams": {"UserId": "robot"},
        "WithTranscoding": 1,
        "AudioParams": {"AudioEncode": {"SampleRate": 48000, "Channel": 2, "BitRate": 64}},
        "VideoParams": {
            "VideoEncode": {"Width": 1280, "Height": 720, "Fps": 15, "BitRate": 1500, "Gop": 2},
            "LayoutParams": to_layout_params(grid(Size(1280, 720), users), service="publish"),
        },
        "PublishCdnParams": [{"PublishCdnUrl": "rtmp://cdn.example/a"}],
    }


def overlapping(plain: dict[str, Any]) -> dict[str, Any]:
    """The same with windows that overlap, each above the one before it: shapely has work."""
    made = copy.deepcopy(plain)
    for index, window in enumerate(made["VideoParams"]["LayoutParams"]["MixLayoutList"]):
        window["ZOrder"] = index
        window["ImageWidth"] = 1280 - window["LocationX"]
    return made


def newer(plain: dict[str, Any]) -> dict[str, Any]:
    """The same with a field in each window that only newer SDKs know."""
    made = copy.deepcopy(plain)
    for window in made["VideoParams"]["LayoutParams"]["MixLayoutList"]:
        window["EnableStreamSEI"] = 1
    return made


def wrong(plain: dict[str, Any]) -> dict[str, Any]:
    """The same with a text for a number in each window."""
    made = copy.deepcopy(plain)
    for window in made["VideoParams"]["LayoutParams"]["MixLayoutList"]:
        window["ImageWidth"] = str(window["ImageWidth"])
    return made


def main() -> None:
    """Measure all candidates in one run and print a table."""
    plain = body()
    crossed, later, broken = overlapping(plain), newer(plain), wrong(plain)
    validator = jsonschema.Draft202012Validator(schema("StartPublishCdnStream"))
    assert check(plain) == []
    assert validator.is_valid(plain)
    candidates: dict[str, Callable[[], object]] = {
        "model alone": lambda: StartPublishCdnStream.model_validate(plain),
        "schema part of check": lambda: list(shape_problems(StartPublishCdnStream, plain)),
        "schema part, 16 newer fields": lambda: list(shape_problems(StartPublishCdnStream, later)),
        "schema part, 16 wrong types": lambda: list(shape_problems(StartPublishCdnStream, broken)),
        "whole check": lambda: check(plain),
        "whole check, windows overlap": lambda: check(crossed),
        "jsonschema": lambda: list(validator.iter_errors(plain)),
        "jsonschema, 16 wrong types": lambda: list(validator.iter_errors(broken)),
        "SDK _deserialize": lambda: StartPublishCdnStreamRequest()._deserialize(plain),
    }
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, call in candidates.items():
            began = time.perf_counter()
            for _ in range(CALLS):
                call()
            times[name].append((time.perf_counter() - began) / CALLS)
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = medians["schema part of check"]
    print("| candidate | median, µs | ratio |\n|---|---|---|")
    for name, value in medians.items():
        print(f"| {name} | {value * 1e6:.0f} | {value / base:.2f} |")


if __name__ == "__main__":
    main()
