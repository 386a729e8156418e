"""What of a layout a dialect cannot say: the one list, for conversions and for payloads.

Source: the data types of the API; layout-rules "Two dialects".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from layoutkit.geometry.layout import Layout, Participant, Service, Window
from layoutkit.geometry.scene import BLACK, ImageWatermark, RenderMode, TimestampWatermark, Watermark
from layoutkit.geometry.seating import Room
from layoutkit.wire.dialect import DIALECTS, MASKED_MODE, PLACEHOLDER_MODES, sendable
from layoutkit.wire.params import listed_windows
from layoutkit.wire.publish_scene import top_layer


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the dialect cannot say, by its path."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a document keeps the parts of a layout, and in whose field names."""

    fields: Service
    scene: str
    params: str
    windows: str

    def field(self, place: str, aspect: str) -> str:
        """The path of an aspect of a part; the part's own where the dialect has no field for it."""
        name = _FIELDS[self.fields].get(aspect)
        return place if name is None else f"{place}.{name}"


_FIELDS: Final[Mapping[Service, Mapping[str, str]]] = {
    "publish": {
        "fit": "RenderMode",
        "crop": "CustomCrop",
        "mask": "TransparentUrl",
        "colour": "BackGroundColor",
        "placeholder fit": "BackgroundRenderMode",
        "placeholder size": "BackgroundCustomRender",
        "room": "UserMediaStream.UserInfo.RoomId",
        "stage room": "MaxVideoUser.UserMediaStream.UserInfo.RoomId",
        "canvas fit": "BackgroundRenderMode",
        "image layer": "WaterMarkImage.ZOrder",
        "text layer": "WaterMarkText.ZOrder",
    },
    "recording": {
        "fit": "RenderMode",
        "opacity": "Alpha",
        "default placeholder": "DefaultSubBackgroundImage",
        "stage side": "MaxResolutionUserAlign",
        "canvas fit": "BackgroundImageRenderMode",
    },
}
"""What the aspects of a window, of layout parameters, of a canvas and of a watermark are called."""


def losses(
    layout: Layout,
    to: Service,
    paths: Paths,
    *,
    room: Room | None = None,
    dynamic: bool = False,
    unnamed: bool = False,
) -> Iterator[Loss]:
    """What the dialect leaves out or changes of a layout, in the order of its windows and watermarks.

    Args:
        layout: what is to be said.
        to: in which dialect.
        paths: where the document that the losses are told of keeps its parts.
        room: the room of the task, where it is known.
        dynamic, unnamed: as in `to_layout_params`.
    """
    if dynamic:
        yield from _template_losses(layout, to, paths, room)
    else:
        for number, window in enumerate(listed_windows(layout)):
            place = f"{paths.windows}[{number}]"
            if number >= DIALECTS[to].max_windows:
                name = "publishing" if to == "publish" else "a recording"
                yield Loss(place, f"{name} mixes {DIALECTS[to].max_windows} windows at most")
                continue
            for aspect, reason in _window_losses(window, to, None if unnamed else window.participant, room):
                yield Loss(paths.field(place, aspect), reason)
    background = layout.background
    mode = sendable(background.render_mode, DIALECTS[to].background_modes)
    if background.image is not None and mode is not background.render_mode:
        bars = {mode, background.render_mode} == {RenderMode.SCALE, RenderMode.LETTERBOX}
        if not (bars and background.color == BLACK):
            yield Loss(paths.field(paths.scene, "canvas fit"), _nearest(to, background.render_mode, mode))
    top = top_layer(layout)
    for number, mark in enumerate(layout.watermarks):
        place = f"{paths.scene}.WaterMarkList[{number}]"
        for aspect, reason in _watermark_losses(mark, to, top):
            yield Loss(paths.field(place, aspect), reason)


def sayable(layout: Layout, to: Service) -> Layout:
    """The layout without what the dialect would refuse."""
    template = layout.template
    if template is None:
        return replace(layout, windows=tuple(listed_windows(layout))[: DIALECTS[to].max_windows])
    mode = template.render_mode
    template = replace(
        template,
        stage_side="left" if to == "publish" else template.stage_side,
        render_mode=None if mode is None else sendable(mode, DIALECTS[to].render_modes),
    )
    return replace(layout, template=template)


def _window_losses(
    window: Window, to: Service, person: Participant | None, room: Room | None
) -> Iterator[tuple[str, str]]:
    mode = sendable(window.render_mode, DIALECTS[to].render_modes)
    placeholder = window.placeholder
    if to == "publish":
        if window.opacity < 1:
            yield "opacity", "a published window is always opaque"
        if window.mask is not None and mode is not MASKED_MODE:
            yield "mask", f"a published window has a mask only with {MASKED_MODE}"
    else:
        if window.crop is not None:
            yield "crop", "a recording shows the whole source picture"
        if window.mask is not None:
            yield "mask", "a recording's windows have no mask"
        if window.background is not None:
            yield "colour", "a recording's windows have no colour"
    if mode is not window.render_mode:
        yield "fit", _nearest(to, window.render_mode, mode)
    if to == "recording" and person is not None and _is_elsewhere(person, room):
        yield "room", f"a recording takes its own room only, not {person.room_id}"
    if placeholder is None:
        return
    if to == "recording":
        if placeholder.size is not None:
            yield "placeholder size", "a recording's placeholders have no size of their own"
        if placeholder.render_mode is not mode:
            yield "placeholder fit", "a recording fits placeholders as the window's video"
    elif placeholder.size is None and placeholder.render_mode not in PLACEHOLDER_MODES:
        nearest = sendable(placeholder.render_mode, PLACEHOLDER_MODES)
        yield "placeholder fit", _nearest(to, placeholder.render_mode, nearest)


def _template_losses(layout: Layout, to: Service, paths: Paths, room: Room | None) -> Iterator[Loss]:
    template = layout.template
    if template is None:
        return
    if to == "publish" and template.placeholder is not None:
        path = paths.field(paths.params, "default placeholder")
        yield Loss(path, "a published template has no placeholders")
    if to == "recording" and template.stage is not None and _is_elsewhere(template.stage, room):
        reason = f"a recording takes its own room only, not {template.stage.room_id}"
        yield Loss(paths.field(paths.params, "stage room"), reason)
    if to == "publish" and template.name == "screen-share" and template.stage_side == "right":
        yield Loss(paths.field(paths.params, "stage side"), "a published stage is always on the left")
    if template.render_mode is not None:
        mode = sendable(template.render_mode, DIALECTS[to].render_modes)
        if mode is not template.render_mode:
            yield Loss(paths.field(paths.params, "fit"), _nearest(to, template.render_mode, mode))


def _watermark_losses(mark: Watermark, to: Service, top: int) -> Iterator[tuple[str, str]]:
    """A picture's layer is no loss where it is the one that publishing gives it by itself."""
    if to == "publish":
        if isinstance(mark, TimestampWatermark):
            yield "timestamp", "publishing has no timestamps"
    elif isinstance(mark, ImageWatermark):
        if mark.z_order not in (None, top):
            yield "image layer", "a recording's watermarks are above all windows"
    elif not isinstance(mark, TimestampWatermark) and mark.z_order is not None:
        yield "text layer", "a recording's watermarks are above all windows"


def _is_elsewhere(person: Participant, room: Room | None) -> bool:
    """Whether somebody is in another room than the task's; a stated one is, where that is not known."""
    return person.room_id is not None and not (room is not None and room.houses(person))


def _nearest(to: Service, mode: RenderMode, nearest: RenderMode) -> str:
    return f"{to} has no {mode}; {nearest} is nearest"
