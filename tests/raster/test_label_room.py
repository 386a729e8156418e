"""A label stands where it can be read."""

import pytest

from layoutkit import floating, paint
from layoutkit.raster.color import user_color


@pytest.mark.parametrize("count", [2, 8, 12, 16])
def test_the_stage_s_label_is_beside_the_windows_in_front_of_it(count: int) -> None:
    layout = floating((1280, 720), [f"user-{number}" for number in range(count)])
    stage, *others = layout.windows
    assert stage.participant is not None
    picture = paint(layout)
    for window in others:
        box = (window.rect.x, window.rect.y, window.rect.right, window.rect.bottom)
        picture.paste(user_color(stage.participant.user_id), box)
    letters = picture.convert("L").point([255 * (value > 200) for value in range(256)])
    found = letters.getbbox()
    assert found is not None
    left, top, right, bottom = found
    assert all(
        right <= each.rect.x or left >= each.rect.right or bottom <= each.rect.y or top >= each.rect.bottom
        for each in others
    )
