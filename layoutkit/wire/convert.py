"""One dialect's layout into the other's, with a list of what the other cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from layoutkit.geometry.layout import Service
from layoutkit.geometry.seating import Room
from layoutkit.wire import publish_scene
from layoutkit.wire.carried import left_out
from layoutkit.wire.dialect import DIALECTS
from layoutkit.wire.document import is_params, service_of, unwrap, unwrapped
from layoutkit.wire.layout import to_layout
from layoutkit.wire.losses import Loss, Paths, losses, sayable
from layoutkit.wire.params import to_layout_params
from layoutkit.wire.picture import read
from layoutkit.wire.plain import as_json
from layoutkit.wire.rules import path_text

_CARRIED = ("SdkAppId", "RoomId")
"""Fields of a whole body that mean the same in both dialects."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """The converted JSON and what it lacks."""

    document: object
    losses: tuple[Loss, ...]


def convert(document: object, *, to: Service) -> Conversion:
    """Turn the layout of a body, of layout parameters or of a list into the other dialect.

    A template stays that template, a list stays a list. Of a whole body the layout, the encoding of the
    video and the room are converted; what else a body says is not part of a layout and is left out.

    Raises:
        SourceError: the document's types and ranges do not hold, or it has no layout.
        LayoutError: the layout is impossible.
    """
    given = as_json(document)
    document = unwrapped(given)
    if document is not given:
        within = convert(document, to=to)
        root = path_text(unwrap(given)[1])
        return replace(
            within, losses=tuple(replace(loss, path=root + loss.path[1:]) for loss in within.losses)
        )
    source: Service = service_of(document) or ("recording" if to == "publish" else "publish")
    if source == to:
        read(document, source)
        return Conversion(document, ())
    layout = to_layout(document, service=source)
    paths = _paths(document, source)
    dynamic = layout.template is not None
    lost = list(losses(layout, to, paths, room=_room(document, source), dynamic=dynamic))
    named = {loss.path for loss in lost}
    lost += [
        Loss(path, "is not carried over; it is left out")
        for path in left_out(document, source)
        if path not in named
    ]
    layout = sayable(layout, to)
    params = to_layout_params(layout, service=to, dynamic=dynamic)
    if isinstance(document, list):
        # A recording shows placeholders only where its parameters say so, and a bare list cannot.
        bare = "PlaceHolderMode" not in params
        return Conversion(params["MixLayoutList"] if bare else params, tuple(lost))
    assert isinstance(document, Mapping)
    scene = publish_scene.scene_to_wire(layout) if to == "publish" else {}
    if is_params(document):
        return Conversion({"LayoutParams": params, **scene} if scene else params, tuple(lost))
    encode, rounded = _encode(document, source, paths)
    return Conversion(_whole(document, params, scene, encode, to), (*lost, *rounded))


def _room(document: object, source: Service) -> Room | None:
    """The room of a whole body."""
    if not isinstance(document, Mapping) or not isinstance(document.get("RoomId"), str):
        return None
    kind = document.get("RoomIdType", 1 if source == "recording" else None)
    return Room(document["RoomId"], DIALECTS[source].room_id_type(kind))


def _whole(
    document: Mapping[str, object],
    params: dict[str, object],
    scene: dict[str, object],
    encode: dict[str, object],
    to: Service,
) -> dict[str, object]:
    body = {name: document[name] for name in _CARRIED if name in document}
    room = _room(document, "recording" if to == "publish" else "publish")
    if room is not None and room.id_type is not None:
        body["RoomIdType"] = DIALECTS[to].room_id_types[room.id_type]
    if to == "publish":
        video = {"VideoEncode": encode} if encode else {}
        return {**body, "VideoParams": {**video, "LayoutParams": params, **scene}}
    transcode = {"MixTranscodeParams": {"VideoParams": encode}} if encode else {}
    return {**body, **transcode, "MixLayoutParams": params}


def _encode(
    document: Mapping[str, object], source: Service, paths: Paths
) -> tuple[dict[str, object], list[Loss]]:
    """The video's encoding with its bit rate in the other unit: kbps when publishing, bps in a recording."""
    if source == "publish":
        video = document.get("VideoParams", document)
        encode = video.get("VideoEncode") if isinstance(video, Mapping) else None
        path = f"{paths.scene}.VideoEncode.BitRate"
    else:
        transcode = document.get("MixTranscodeParams")
        encode = transcode.get("VideoParams") if isinstance(transcode, Mapping) else None
        path = "$.MixTranscodeParams.VideoParams.BitRate"
    if not isinstance(encode, Mapping):
        return {}, []
    rate = encode.get("BitRate")
    if not isinstance(rate, int):
        return dict(encode), []
    if source == "publish":
        return {**encode, "BitRate": rate * DIALECTS["publish"].bits_per_rate}, []
    kbps, rest = divmod(rate, DIALECTS["publish"].bits_per_rate)
    lost = [Loss(path, f"publishing counts whole kbps; {rate} bps becomes {kbps}")] if rest else []
    return {**encode, "BitRate": kbps}, lost


def _paths(document: object, source: Service) -> Paths:
    if isinstance(document, list):
        return Paths(source, "$", "$", "$")
    assert isinstance(document, Mapping)
    if is_params(document):
        return Paths(source, "$", "$", "$.MixLayoutList")
    if source == "recording":
        return Paths(source, "$.MixLayoutParams", "$.MixLayoutParams", "$.MixLayoutParams.MixLayoutList")
    scene = "$.VideoParams" if "VideoParams" in document else "$"
    return Paths(source, scene, f"{scene}.LayoutParams", f"{scene}.LayoutParams.MixLayoutList")
