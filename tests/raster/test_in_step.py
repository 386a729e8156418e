"""Pieces are scaled several at a time and come in order, as if one after the other."""

import threading

import pytest
from PIL import Image

from layoutkit import grid, paint
from layoutkit.geometry.fit import fit
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import RenderMode
from layoutkit.raster import resample
from layoutkit.raster.resample import Work, in_step, scaled


def works(count: int, met: list[int]) -> list[Work]:
    picture = Image.linear_gradient("L").convert("RGB")

    def one(number: int) -> Work:
        met.append(number)
        rect = Rect(0, 0, 8 + number, 16)
        return picture, fit(RenderMode.STRETCH, Size(*picture.size), rect).within(rect)

    return map(one, range(count))  # type: ignore[return-value]


def test_pieces_come_in_order_and_are_those_of_one_after_the_other() -> None:
    found = list(in_step(works(9, [])))
    assert [piece.landing.width for piece in found] == list(range(8, 17))
    for piece, (picture, fitted) in zip(found, works(9, []), strict=True):
        assert fitted is not None
        assert piece.image == scaled(picture, fitted.cut, fitted.landing.size)


def test_few_pictures_are_held_at_once() -> None:
    met: list[int] = []
    pieces = in_step(works(25, met))
    for number, _ in enumerate(pieces):
        assert len(met) <= number + 4


def test_a_picture_that_cannot_be_read_ends_it_and_its_threads() -> None:
    def failing() -> Work:
        raise OSError("gone")

    before = threading.active_count()
    with pytest.raises(OSError, match="gone"):
        list(in_step(failing() for _ in range(2)))
    assert threading.active_count() == before


def test_one_processor_paints_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = grid((320, 180), ["a", "b", "c", "d"])
    sources = {
        user: Image.linear_gradient("L").convert("RGB").rotate(90 * n) for n, user in enumerate("abcd")
    }
    together = paint(layout, sources=sources)
    monkeypatch.setattr(resample.os, "cpu_count", lambda: 1)
    assert paint(layout, sources=sources) == together
