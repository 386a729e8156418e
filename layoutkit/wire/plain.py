"""Parts of plain JSON that may not be what they should be: a part of the wrong type reads as empty."""

from collections.abc import Mapping
from typing import Any

from layoutkit.geometry.rect import Size


def as_json(body: object) -> object:
    """A body as JSON: itself, or the fields of one of the official SDK's objects, alone or in a list.

    A request's class names its action.
    """
    if isinstance(body, list):
        return [as_json(one) for one in body] if any(hasattr(one, "_serialize") for one in body) else body
    if not hasattr(body, "_serialize"):
        return body
    from layoutkit.wire.tencent import from_sdk

    name = type(body).__name__
    action = {"Action": name.removesuffix("Request")} if name.endswith("Request") else {}
    return {**action, **from_sdk(body)}


def part(data: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The object at a path of names; empty where there is none."""
    for name in names:
        value = data.get(name)
        if not isinstance(value, dict):
            return {}
        data = value
    return data


def rows(data: Mapping[str, Any], name: str) -> list[tuple[int, Mapping[str, Any]]]:
    """The objects in a list, each with its index; at most 1000 of them."""
    value = data.get(name)
    if not isinstance(value, list):
        return []
    return [(index, one) for index, one in enumerate(value[:1000]) if isinstance(one, dict)]


def texts(data: Mapping[str, Any], name: str) -> list[str]:
    """The strings in a list."""
    value = data.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def canvas_of(body: Mapping[str, Any], action: str) -> Size | None:
    """The canvas a body states; a CreateCloudRecording without VideoParams has 360x640."""
    if action == "CreateCloudRecording":
        if "VideoParams" not in part(body, "MixTranscodeParams"):
            return Size(360, 640)
        encode = part(body, "MixTranscodeParams", "VideoParams")
    else:
        encode = part(body, "VideoParams", "VideoEncode")
    width, height = encode.get("Width"), encode.get("Height")
    return Size(width, height) if type(width) is int and type(height) is int else None
