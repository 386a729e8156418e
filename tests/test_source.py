"""What a SOURCE may be, and that all forms of one layout give the same."""

import io
import json
from pathlib import Path

import pytest

from layoutkit import Layout, Participant, Size, grid
from layoutkit.errors import SourceError
from layoutkit.sei.line import to_line
from layoutkit.sei.row import SeiMessage
from layoutkit.sei.volume_layout import VolumeLayout
from layoutkit.source import MAX_SOURCE_BYTES, load, load_task


def places(layout: Layout) -> list[tuple[str, object, int]]:
    return [(str(w.participant), w.rect, w.z_order) for w in layout.windows]


def test_a_template_by_name_is_the_template_function() -> None:
    assert load("grid", participants=["a", "b"]) == grid((1280, 720), ["a", "b"])
    assert load("grid", participants=["a", "b"], service="recording", canvas=(300, 300)) == grid(
        (300, 300), ["a", "b"], service="recording"
    )


def test_a_decoded_sei_is_the_layout_it_was_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = grid((1080, 960), ["a", "b", "c"])
    payload = VolumeLayout.from_layout(layout, ts=1648544726).serialize()
    bare = tmp_path / "bare.json"
    bare.write_bytes(payload)
    rows = to_line(SeiMessage(5, b"x" * 16)) + 2 * to_line(SeiMessage(100, payload, pts_s=0.0, index=0))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(rows)))
    for source in (bare, json.loads(payload), "-"):
        assert places(load(source)) == places(layout)
        assert load(json.loads(payload)).canvas == Size(1080, 960)


def test_of_several_rows_the_first_layout_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    with file.open("wb") as rows:
        for number, width in enumerate((100, 200)):
            payload = VolumeLayout.from_layout(grid((width, 50), ["a"]), ts=0).serialize()
            rows.write(to_line(SeiMessage(100, payload, pts_s=0.0, index=number)))
    assert load(file).canvas == Size(100, 50)


def test_a_body_s_grid_takes_the_options_of_a_grid() -> None:
    body = {"MixLayoutMode": 3}
    for last_row, x in (("start", 0), ("center", 100)):
        layout = load(
            body, participants=["a", "b", "c"], canvas=(400, 300), service="publish", last_row=last_row
        )
        assert layout.windows[2].rect.x == x
    odd = load(body, participants=["a", "b", "c", "d", "e"], canvas=(1000, 600), service="publish", align=2)
    assert {window.rect.width for window in odd.windows} == {332}
    filled = load(
        body, participants=["a", "b", "c", "d", "e"], canvas=(1000, 600), service="publish", rounding="fill"
    )
    assert {window.rect.width for window in filled.windows} == {333, 334}


def test_a_preset_of_ones_own_works_wherever_a_name_does(tmp_path: Path) -> None:
    own = tmp_path / "mine.json"
    own.write_text('{"windows": [{"x": "0", "y": "0", "width": "1/2", "height": "1"}]}')
    layout = load(own, participants=["a"], canvas=(100, 50))
    assert [(str(w.participant), w.rect.width, w.rect.height) for w in layout.windows] == [("a", 50, 50)]


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("grid", {"stage": Participant("user-1")}, "--stage means nothing to grid"),
        ("floating", {"last_row": "start"}, "--last-row means nothing to floating"),
        (
            "interview",
            {"stage_side": "left", "stage": "a"},
            "--stage, --stage-side means nothing to a preset",
        ),
        (
            {"canvas": {}, "regions": []},
            {"rounding": "fill"},
            "--rounding means nothing to a volume-layout SEI",
        ),
        (
            {"canvas": {}, "regions": []},
            {"participants": ["a"]},
            "--users means nothing to a volume-layout SEI",
        ),
        ({"canvas": {"w": 5}, "regions": []}, {}, r"the source: volume layout: \$\.canvas\.h: is missing"),
        ({"windows": [{}]}, {}, r"the source: \$\.windows\[0\]"),
        (True, {}, "a JSON object or list is expected, not true"),
    ],
)
def test_a_mistake_is_named(source: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        load(source, **options)  # type: ignore[arg-type]


def test_a_file_too_large_is_not_read_whole(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(MAX_SOURCE_BYTES + 1)
    with pytest.raises(SourceError, match="over 67108864 bytes"):
        load(huge)


def start(**video: object) -> dict[str, object]:
    return {
        "SdkAppId": 1400000000,
        "RoomId": "1",
        "RoomIdType": 0,
        "AgentParams": {"UserId": "robot", "UserSig": "sig"},
        "WithTranscoding": 1,
        "VideoParams": {
            "VideoEncode": {"Width": 640, "Height": 360, "Fps": 15, "BitRate": 500, "Gop": 2},
            **video,
        },
    }


def update(number: int, **video: object) -> dict[str, object]:
    return {
        "SdkAppId": 1400000000,
        "TaskId": "t",
        "SequenceNumber": number,
        "WithTranscoding": 1,
        "VideoParams": video,
    }


def written(folder: Path, *bodies: object) -> list[str]:
    paths = [folder / f"{number}.json" for number in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(json.dumps(body))
    return [str(path) for path in paths]


def test_a_task_shows_what_its_last_update_left(tmp_path: Path) -> None:
    paths = written(
        tmp_path,
        start(LayoutParams={"MixLayoutMode": 3}, BackGroundColor="0xFF0000"),
        update(1, LayoutParams={"MixLayoutMode": 1}),
        {"Action": "UpdatePublishCdnStream", **update(2, BackGroundColor="0x00FF00")},
    )
    layout = load_task(paths, participants=["a", "b"])
    assert layout.canvas == Size(640, 360)
    assert layout.template is not None
    assert layout.template.name == "floating"
    assert layout.background.color == (0, 255, 0)


def test_an_update_needs_the_task_it_continues(tmp_path: Path) -> None:
    alone = written(tmp_path, update(1))
    with pytest.raises(SourceError, match=r"0\.json: UpdatePublishCdnStream continues a task; give the body"):
        load_task(alone)
    mixed = written(tmp_path, start(), {"Action": "ModifyCloudRecording", "SdkAppId": 1, "TaskId": "t"})
    with pytest.raises(
        SourceError, match=r"1\.json: ModifyCloudRecording cannot continue a task of the other"
    ):
        load_task(mixed)
