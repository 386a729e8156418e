"""The value everything makes or uses: a canvas and the windows on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from layoutkit.errors import LayoutError
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import (
    Background,
    Behind,
    Color,
    ImageRef,
    Placeholder,
    RenderMode,
    TimestampWatermark,
    Watermark,
)

Service = Literal["publish", "recording"]
RoomIdType = Literal["integer", "string"]
StageSide = Literal["left", "right"]


class Stream(StrEnum):
    """Which of a user's two video streams."""

    CAMERA = "camera"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Participant:
    """A user and one stream of theirs.

    A room is named by its id and the id's type together; None means unstated: the main room where one
    is known, any room otherwise.
    """

    user_id: str
    room_id: str | None = None
    stream: Stream = Stream.CAMERA
    sends_audio: bool = True
    sends_video: bool = True
    room_id_type: RoomIdType | None = None

    @property
    def identity(self) -> tuple[str, str | None, RoomIdType | None, Stream]:
        """What makes two participants the same one."""
        return self.user_id, self.room_id, self.room_id_type, self.stream

    def is_same_stream(self, other: "Participant") -> bool:
        """Whether both mean the same stream of the same user; what one leaves unstated matches any."""
        return (
            self.user_id == other.user_id
            and self.stream == other.stream
            and (self.room_id is None or other.room_id is None or self.room_id == other.room_id)
            and (
                self.room_id_type is None
                or other.room_id_type is None
                or self.room_id_type == other.room_id_type
            )
        )

    def __str__(self) -> str:
        room = "" if self.room_id is None else f"@{self.room_id}"
        screen = ":screen" if self.stream is Stream.SCREEN else ""
        return f"{self.user_id}{room}{screen}"


ParticipantLike = Participant | str


def as_participants(participants: Iterable[ParticipantLike]) -> tuple[Participant, ...]:
    """Participants in entry order from participants or plain user ids.

    Raises:
        LayoutError: an empty user id, or the same stream of the same user twice.
    """
    people = tuple(p if isinstance(p, Participant) else Participant(p) for p in participants)
    seen: set[tuple[object, ...]] = set()
    for person in people:
        if not person.user_id:
            raise LayoutError("a participant's user id is empty")
        if person.identity in seen:
            raise LayoutError(f"participant {person} is there twice; each user and stream counts once")
        seen.add(person.identity)
    return people


class Shows(StrEnum):
    """What a window has to show."""

    VIDEO = "video"
    AUDIO_ONLY = "audio-only"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Window:
    """One placed picture.

    Attributes:
        rect: its place on the canvas, pixels.
        participant: who is shown, or for whom the place is reserved; None: nobody yet.
        shows: whether there is video to show.
        z_order: higher is in front; ties keep list order.
        is_stage: the large window of a template.
        render_mode: how the picture is fitted into `rect`.
        opacity: 0 (invisible) to 1.
        crop: cut out of the source before fitting, in pixels of the source; None: all of it.
        mask: a picture whose alpha channel shapes the window.
        placeholder: shown while there is no video.
        background: fills the window behind its picture; None: what is behind the window shows.
        background_behind: for which pictures the background is there.
    """

    rect: Rect
    participant: Participant | None = None
    shows: Shows = Shows.VIDEO
    z_order: int = 0
    is_stage: bool = False
    render_mode: RenderMode = RenderMode.CROP
    opacity: float = 1.0
    crop: Rect | None = None
    mask: ImageRef | None = None
    placeholder: Placeholder | None = None
    background: Color | None = None
    background_behind: Behind = Behind.BOTH

    @property
    def shown_background(self) -> Color | None:
        """The background behind what the window shows now."""
        kind = Behind.VIDEO if self.shows is Shows.VIDEO else Behind.PLACEHOLDER
        return self.background if kind in self.background_behind else None


@dataclass(frozen=True, slots=True)
class Template:
    """The template a layout was expanded from, so that a request can ask for it by name.

    `placeholder` is what all its windows show without video, fitted as the video would be.
    """

    name: Literal["grid", "floating", "screen-share"]
    stage: Participant | None = None
    stage_side: StageSide = "left"
    hold_audio_only: bool = False
    render_mode: RenderMode | None = None
    placeholder: ImageRef | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A canvas and the windows on it.

    Attributes:
        canvas: size of the output picture, pixels.
        windows: in list order; where it matters, entry order with the stage first.
        background: behind all windows.
        watermarks: over them, in list order.
        dropped: those who sent video and found no place, in entry order.
        audio_only: those who are heard and hold no window, in entry order.
        template: what it was expanded from, None for a custom layout.
        notes: sentences a user should read about how it came out.
    """

    canvas: Size
    windows: tuple[Window, ...]
    background: Background = Background()
    watermarks: tuple[Watermark, ...] = ()
    dropped: tuple[Participant, ...] = ()
    audio_only: tuple[Participant, ...] = ()
    template: Template | None = None
    notes: tuple[str, ...] = ()

    @property
    def painted(self) -> tuple[Window, ...]:
        """The windows from back to front."""
        return tuple(sorted(self.windows, key=lambda window: window.z_order))

    def back_to_front(self) -> tuple[Window | Watermark, ...]:
        """All that is painted, in that order: a watermark follows the windows of its own z-order.

        One without a z-order, as timestamps are, is above everything.
        """

        def depth(item: Window | Watermark) -> tuple[float, bool]:
            z_order = None if isinstance(item, TimestampWatermark) else item.z_order
            return float("inf") if z_order is None else z_order, not isinstance(item, Window)

        return tuple(sorted((*self.windows, *self.watermarks), key=depth))

    def _repr_png_(self) -> bytes:
        """What a notebook shows: the painted layout."""
        import io

        from layoutkit.raster.paint import paint

        file = io.BytesIO()
        paint(self).save(file, "PNG")
        return file.getvalue()
