"""What an update may not do to the task it continues.

Source: StartPublishCdnStream, precautions 3 to 6; UpdatePublishCdnStream. Everything is held against the body
that started the task: an update that was refused has changed nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from layoutkit.wire.plain import part
from layoutkit.wire.rules import Finding, brief

CONTINUES: Final[Mapping[str, str]] = {
    "StartPublishCdnStream": "UpdatePublishCdnStream",
    "CreateCloudRecording": "ModifyCloudRecording",
}
"""The action that opens a task, and the one that changes it."""

_ENCODINGS: Final[tuple[tuple[str, str, Mapping[str, int]], ...]] = (
    ("VideoParams", "VideoEncode", {}),
    ("AudioParams", "AudioEncode", {"Codec": 0}),
)
"""Where encodings stand, and what is not stated there and known all the same."""

_KINDS: Final = (
    ("VideoParams", "with sound only"),
    ("AudioParams", "with a picture only"),
)


def task_problems(
    start: Mapping[str, Any], opened: str, body: Mapping[str, Any], name: str, sequence: int | None
) -> Iterator[Finding]:
    """All findings in a body that continues the task which `start`, of the action `opened`, began.

    Args:
        name: the body's action.
        sequence: SequenceNumber of the update before.
    """
    if name != CONTINUES[opened]:
        yield Finding((), "task-order", f"{name} cannot continue a task of {opened}")
        return
    if "SdkAppId" in start and "SdkAppId" in body and body["SdkAppId"] != start["SdkAppId"]:
        yield Finding(("SdkAppId",), "task-order", "SdkAppId is not that of the task's start")
    number = body.get("SequenceNumber")
    if type(number) is int and sequence is not None and number <= sequence:
        message = f"SequenceNumber {brief(number)} does not grow; the update before had {brief(sequence)}"
        yield Finding(("SequenceNumber",), "sequence-number", message)
    if opened == "StartPublishCdnStream":
        yield from _encodings(start, body)
        yield from _media(start, body)


def _encodings(start: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Finding]:
    for outer, inner, defaults in _ENCODINGS:
        old = part(start, outer, inner)
        for name, value in part(body, outer, inner).items():
            if not old or name not in {**defaults, **old}:
                continue
            before = {**defaults, **old}[name]
            if value != before:
                message = f"{name} {brief(value)}: an update cannot change {brief(before)}"
                yield Finding((outer, inner, name), "encoding-changed", message)


def _media(start: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Finding]:
    for name, kind in _KINDS:
        if name in body and name not in start:
            yield Finding((name,), "media-changed", f"the task was started {kind}")
    if "WithTranscoding" in body and "WithTranscoding" in start:
        was = start["WithTranscoding"]
        if body["WithTranscoding"] != was:
            message = (
                f"WithTranscoding {brief(body['WithTranscoding'])}: the task was started with {brief(was)}"
            )
            yield Finding(("WithTranscoding",), "media-changed", message)
