"""What is seen in a window, and where its label can stand: what the picture and the SVG share."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from PIL import Image, ImageChops, ImageDraw

from layoutkit.geometry.fit import fit
from layoutkit.geometry.free import MAX_ABOVE, freest
from layoutkit.geometry.layout import Participant, ParticipantLike, Shows, Window
from layoutkit.geometry.limits import MAX_SIDE
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import Placeholder, RenderMode, Watermark
from layoutkit.raster.images import piece_of_source
from layoutkit.raster.resample import Fitting, Piece, piece_of_image

if TYPE_CHECKING:
    from layoutkit.raster.images import Picture

Source = TypeVar("Source")

_LABEL_ASPECT = (4, 3)
"""Of the room a label takes: its letters are an eighth of its width high, or a sixth of its height."""


def source_of(item: Window | Watermark, sources: Mapping[ParticipantLike, Source]) -> Source | None:
    """What is seen in a window, where somebody's video is and a source stands for it."""
    if not isinstance(item, Window) or item.shows is not Shows.VIDEO or item.participant is None:
        return None
    for key, source in sources.items():
        if isinstance(key, Participant) and key.is_same_stream(item.participant):
            return source
    return sources.get(item.participant.user_id)


def source_piece(window: Window, source: "Picture", seen: Rect, *, at_s: float) -> Piece:
    """What a window shows of a source, as far as it lies in `seen`."""
    return piece_of_source(source, _fitting(window.render_mode, window.rect, seen, window.crop), at_s=at_s)


def label_room(window: Window, later: Sequence[Window | Watermark], canvas: Rect) -> Rect:
    """Where a label of a window can be read: beside the windows in front of it."""
    if len(later) > MAX_ABOVE:
        return window.rect
    above = [each.rect for each in later if isinstance(each, Window) and each.opacity > 0]
    seen = window.rect.intersection(canvas)
    return window.rect if seen == window.rect and not above else freest(seen, above, aspect=_LABEL_ASPECT)


def piece_of(picture: Image.Image, mode: RenderMode, rect: Rect, seen: Rect) -> Piece:
    """A picture fitted into `rect`, as far as it lies in `seen`."""
    return piece_of_image(picture, _fitting(mode, rect, seen))


def _fitting(mode: RenderMode, rect: Rect, seen: Rect, crop: Rect | None = None) -> Fitting:
    """How a picture is fitted into `rect`; where that has no pixels in `seen`, nothing of any is."""
    if rect.intersection(seen).is_empty:
        return lambda size: None
    return lambda size: fit(mode, size, rect, crop=crop).within(seen)


def placeholder_piece(picture: Image.Image, placeholder: Placeholder, rect: Rect, seen: Rect) -> Piece:
    """A placeholder of its own size in the middle of a window's `rect`, with its round corners, as far as it
    lies in `seen`."""
    size = placeholder.size
    if size is None:
        return piece_of(picture, placeholder.render_mode, rect, seen)
    middle = (rect.x + (rect.width - size.width) // 2, rect.y + (rect.height - size.height) // 2)
    place = Rect(*middle, size.width, size.height)
    piece = piece_of(picture.convert("RGBA"), placeholder.render_mode, place, rect.intersection(seen))
    if piece.image is None:
        return piece
    radius = min(placeholder.radius_px, size.width // 2, size.height // 2, MAX_SIDE)
    if radius:
        corners = Image.new("L", piece.image.size)
        left, top = place.x - piece.landing.x, place.y - piece.landing.y
        box = (left, top, left + size.width - 1, top + size.height - 1)
        ImageDraw.Draw(corners).rounded_rectangle(box, radius, fill=255)
        piece.image.putalpha(ImageChops.multiply(piece.image.getchannel("A"), corners))
    return piece


def paste(canvas: Image.Image, piece: Piece, right: int = 0, down: int = 0) -> None:
    """Paste a piece where it lands, moved by some pixels; what is transparent in it stays as it was."""
    if piece.image is not None:
        place = (piece.landing.x + right, piece.landing.y + down)
        canvas.paste(piece.image, place, piece.image if piece.image.mode == "RGBA" else None)
