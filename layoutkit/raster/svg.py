"""A layout as SVG: the same geometry and colours as the painted picture, as shapes and text."""

from html import escape

from layoutkit.geometry.layout import Layout, Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import Color, ImageWatermark, TextWatermark, TimestampWatermark
from layoutkit.raster.color import user_color


def to_svg(layout: Layout) -> str:
    """An SVG document of the canvas's size, one group for each window and watermark, back to front.

    A window's group carries its user id, z-order and place as `data-` attributes. Pictures are not embedded:
    an image watermark is an outline. Timestamps, whose size is their text's, are left out.
    """
    width, height = layout.canvas.width, layout.canvas.height
    shapes = [_fill(Rect(0, 0, width, height), layout.background.color)]
    for number, item in enumerate(layout.back_to_front()):
        if isinstance(item, Window):
            shapes.append(_window(number, item))
        elif not isinstance(item, TimestampWatermark):
            shapes.append(_watermark(item))
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" text-anchor="middle">\n{body}\n</svg>\n'
    )


def _window(number: int, window: Window) -> str:
    rect = window.rect
    who = "empty" if window.participant is None else str(window.participant)
    filled = (
        _shape(rect).replace("/>", ' fill="none" stroke="#707480"/>')
        if window.participant is None
        else _fill(rect, user_color(window.participant.user_id))
    )
    size_px = max(8, min(40, rect.height // 6, rect.width // 8))
    x, y = rect.x + rect.width / 2, rect.y + rect.height / 2
    clip = f"window-{number}"
    return (
        f'<g data-user="{_text(who)}" data-z-order="{window.z_order}" opacity="{window.opacity:g}">\n'
        f'  <clipPath id="{clip}">{_shape(rect)}</clipPath>\n'
        f"  {filled}\n"
        f'  <g clip-path="url(#{clip})" fill="#ffffff">\n'
        f'    <text x="{x:g}" y="{y:g}" font-size="{size_px}">{_text(who)}</text>\n'
        f'    <text x="{x:g}" y="{y + size_px:g}" font-size="{max(8, size_px * 3 // 5)}">'
        f"{rect.width}x{rect.height}{'  stage' if window.is_stage else ''}</text>\n"
        f"  </g>\n</g>"
    )


def _watermark(mark: TextWatermark | ImageWatermark) -> str:
    if isinstance(mark, TextWatermark):
        fill = "" if mark.fill is None else _fill(mark.rect, mark.fill)
        x, y = mark.rect.x + mark.font_size_px // 4, mark.rect.y + mark.rect.height / 2
        return (
            f'<g data-watermark="text">{fill}<text x="{x:g}" y="{y:g}" font-size="{mark.font_size_px}" '
            f'text-anchor="start" dominant-baseline="central" fill="{_hex(mark.color)}">'
            f"{_text(mark.text)}</text></g>"
        )
    outline = _shape(mark.rect).replace("/>", ' fill="none" stroke="#ffffff" stroke-dasharray="4"/>')
    return f'<g data-watermark="image"><title>{_text(mark.image.url)}</title>{outline}</g>'


def _fill(rect: Rect, color: Color) -> str:
    return _shape(rect).replace("/>", f' fill="{_hex(color)}"/>')


def _shape(rect: Rect) -> str:
    return f'<rect x="{rect.x}" y="{rect.y}" width="{max(0, rect.width)}" height="{max(0, rect.height)}"/>'


def _hex(color: Color) -> str:
    return f"#{bytes(color).hex()}"


def _text(text: str) -> str:
    """Text as XML can carry it: without control characters and surrogates, and escaped."""
    kept = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else " " for c in text)
    return escape(kept)
