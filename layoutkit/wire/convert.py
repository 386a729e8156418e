"""One dialect's layout into the other's, with a list of what the other cannot say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from layoutkit.geometry.layout import Layout, Service
from layoutkit.geometry.scene import BLACK, RenderMode, TimestampWatermark, Watermark
from layoutkit.wire import publish_scene
from layoutkit.wire.carried import ONLY_HERE, left_out
from layoutkit.wire.dialect import DIALECTS, sendable
from layoutkit.wire.document import service_of, unwrapped
from layoutkit.wire.layout import to_layout
from layoutkit.wire.params import to_layout_params

_CARRIED = ("SdkAppId", "RoomId")
"""Fields of a whole body that mean the same in both dialects."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the source that the other dialect cannot say, by its path there."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Conversion:
    """The converted JSON and what it lacks."""

    document: object
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class _Paths:
    """Where a document keeps its parts."""

    scene: str
    params: str
    windows: str


def convert(document: object, *, to: Service) -> Conversion:
    """Turn the layout of a body, of layout parameters or of a list into the other dialect.

    A template stays that template, a list stays a list. Of a whole body the layout, the encoding of the
    video and the room are converted; what else a body says is not part of a layout and is left out.

    Raises:
        SourceError: the document's types and ranges do not hold, or it has no layout.
        LayoutError: the layout is impossible.
    """
    document = unwrapped(document)
    source: Service = service_of(document) or ("recording" if to == "publish" else "publish")
    if source == to:
        return Conversion(document, ())
    layout = to_layout(document, service=source)
    paths = _paths(document, source)
    losses = [*_window_losses(layout, document, source, paths), *_scene_losses(layout, source, paths)]
    named = {loss.path for loss in losses}
    losses += [
        Loss(path, "is not carried over; it is left out")
        for path in left_out(document, source)
        if path not in named
    ]
    layout = _sayable(layout, to)
    params = to_layout_params(layout, service=to, dynamic=layout.template is not None)
    if isinstance(document, list):
        # A recording shows placeholders only where its parameters say so, and a bare list cannot.
        bare = "PlaceHolderMode" not in params
        return Conversion(params["MixLayoutList"] if bare else params, tuple(losses))
    assert isinstance(document, Mapping)
    scene = publish_scene.scene_to_wire(layout) if to == "publish" else {}
    if "MixLayoutMode" in document or "MixLayoutList" in document:
        return Conversion({"LayoutParams": params, **scene} if scene else params, tuple(losses))
    encode, lost = _encode(document, source, paths)
    return Conversion(_whole(document, params, scene, encode, to), (*losses, *lost))


def _whole(
    document: Mapping[str, object],
    params: dict[str, object],
    scene: dict[str, object],
    encode: dict[str, object],
    to: Service,
) -> dict[str, object]:
    body = {name: document[name] for name in _CARRIED if name in document}
    number = document.get("RoomIdType", 1 if to == "publish" else None)
    kind = DIALECTS["recording" if to == "publish" else "publish"].room_id_type(
        number if isinstance(number, int) else None
    )
    if "RoomId" in body and kind is not None:
        body["RoomIdType"] = DIALECTS[to].room_id_types[kind]
    if to == "publish":
        video = {"VideoEncode": encode} if encode else {}
        return {**body, "VideoParams": {**video, "LayoutParams": params, **scene}}
    transcode = {"MixTranscodeParams": {"VideoParams": encode}} if encode else {}
    return {**body, **transcode, "MixLayoutParams": params}


def _encode(
    document: Mapping[str, object], source: Service, paths: _Paths
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


def _paths(document: object, source: Service) -> _Paths:
    if isinstance(document, list):
        return _Paths("$", "$", "$")
    assert isinstance(document, Mapping)
    if "MixLayoutMode" in document or "MixLayoutList" in document:
        return _Paths("$", "$", "$.MixLayoutList")
    if source == "recording":
        return _Paths("$.MixLayoutParams", "$.MixLayoutParams", "$.MixLayoutParams.MixLayoutList")
    scene = "$.VideoParams" if "VideoParams" in document else "$"
    return _Paths(scene, f"{scene}.LayoutParams", f"{scene}.LayoutParams.MixLayoutList")


def _entries(document: object) -> list[Mapping[str, object]]:
    """The window objects of a document that has validated."""
    if isinstance(document, list):
        return document
    if isinstance(document, Mapping):
        if "MixLayoutList" in document:
            return _entries(document["MixLayoutList"])
        for name in ("VideoParams", "LayoutParams", "MixLayoutParams"):
            if name in document:
                return _entries(document[name])
    return []


def _window_losses(layout: Layout, document: object, source: Service, paths: _Paths) -> Iterator[Loss]:
    to: Service = "recording" if source == "publish" else "publish"
    there = DIALECTS[to]
    if layout.template is not None:
        yield from _template_losses(layout, document, to, paths)
        return
    home = document.get("RoomId") if isinstance(document, Mapping) else None
    for number, (window, entry) in enumerate(zip(layout.windows, _entries(document), strict=True)):
        path = f"{paths.windows}[{number}]"
        if number >= there.max_windows:
            yield Loss(path, f"publishing mixes {there.max_windows} windows at most")
            continue
        for name, reason in ONLY_HERE[source].items():
            if name in entry and not (name == "Alpha" and entry[name] == 0):
                yield Loss(f"{path}.{name}", reason)
        mode = sendable(window.render_mode, there.render_modes)
        if mode is not window.render_mode:
            yield Loss(f"{path}.RenderMode", f"{to} has no {window.render_mode}; {mode} is nearest")
        person = window.participant
        if source == "publish" and person is not None and person.room_id not in (None, home):
            room = f"{path}.UserMediaStream.UserInfo.RoomId"
            yield Loss(room, f"a recording takes its own room only, not {person.room_id}")
        if source == "publish" and window.placeholder and window.placeholder.render_mode is not mode:
            yield Loss(f"{path}.BackgroundRenderMode", "a recording fits placeholders as the window's video")


def _template_losses(layout: Layout, document: object, to: Service, paths: _Paths) -> Iterator[Loss]:
    template = layout.template
    assert template is not None
    assert isinstance(document, Mapping)
    params = document.get("MixLayoutParams", document)
    if to == "publish" and params.get("PlaceHolderMode") and params.get("DefaultSubBackgroundImage"):
        reason = "a published template has no placeholders"
        yield Loss(f"{paths.params}.DefaultSubBackgroundImage", reason)
    stage = template.stage
    if to == "recording" and stage is not None and stage.room_id not in (None, document.get("RoomId")):
        room = f"{paths.params}.MaxVideoUser.UserMediaStream.UserInfo.RoomId"
        yield Loss(room, f"a recording takes its own room only, not {stage.room_id}")
    if to == "publish" and template.name == "screen-share" and template.stage_side == "right":
        yield Loss(f"{paths.params}.MaxResolutionUserAlign", "a published stage is always on the left")
    if template.render_mode is not None:
        mode = sendable(template.render_mode, DIALECTS[to].render_modes)
        if mode is not template.render_mode:
            yield Loss(f"{paths.params}.RenderMode", f"{to} has no {template.render_mode}; {mode} is nearest")


def _scene_losses(layout: Layout, source: Service, paths: _Paths) -> Iterator[Loss]:
    to: Service = "recording" if source == "publish" else "publish"
    background = layout.background
    mode = sendable(background.render_mode, DIALECTS[to].background_modes)
    if background.image is not None and mode is not background.render_mode:
        bars = {mode, background.render_mode} == {RenderMode.SCALE, RenderMode.LETTERBOX}
        if not (bars and background.color == BLACK):
            name = "BackgroundRenderMode" if source == "publish" else "BackgroundImageRenderMode"
            yield Loss(f"{paths.scene}.{name}", f"{to} has no {background.render_mode}; {mode} is nearest")
    top = max((window.z_order for window in layout.windows), default=0)
    for number, mark in enumerate(layout.watermarks):
        path = f"{paths.scene}.WaterMarkList[{number}]"
        if to == "publish" and isinstance(mark, TimestampWatermark):
            yield Loss(path, "publishing has no timestamps")
        elif to == "recording" and _layer(mark) is not None and (_layer(mark) or 0) < top:
            yield Loss(f"{path}.ZOrder", "a recording's watermarks are above all windows")


def _layer(mark: Watermark) -> int | None:
    return None if isinstance(mark, TimestampWatermark) else mark.z_order


def _sayable(layout: Layout, to: Service) -> Layout:
    """The layout without what the other dialect would refuse."""
    template = layout.template
    if template is not None:
        mode = template.render_mode
        template = replace(
            template,
            stage_side="left" if to == "publish" else template.stage_side,
            render_mode=None if mode is None else sendable(mode, DIALECTS[to].render_modes),
        )
    windows = layout.windows
    if template is None:
        windows = windows[: DIALECTS[to].max_windows]
    return replace(layout, windows=windows, template=template)
