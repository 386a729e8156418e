"""Places that nobody can take, and users named twice: what is certain, and what is not."""

from typing import Any

import pytest

from layoutkit.wire.check import check
from tests.wire.test_rules import Body, create, start


def published(*users: Body | None, stream: int = 0) -> Body:
    body = start()
    windows = [
        {"ImageWidth": 2, "ImageHeight": 2, "LocationX": 2 * index, "LocationY": 0}
        | ({} if user is None else {"UserMediaStream": {"UserInfo": user, "StreamType": stream}})
        for index, user in enumerate(users)
    ]
    body["VideoParams"]["LayoutParams"]["MixLayoutList"] = windows
    return body


def recorded(lists: dict[str, list[str]], *windows: Body, **record: object) -> Body:
    body = create()
    body["RecordParams"] = {"RecordMode": 2, "SubscribeStreamUserIds": lists, **record}
    body["MixLayoutParams"]["MixLayoutList"] = [
        {"Top": 0, "Left": 2 * index, "Width": 2, "Height": 2, **window}
        for index, window in enumerate(windows)
    ]
    return body


def found(body: Body) -> list[tuple[str, str]]:
    prefix = "MixLayoutList"
    return [
        (one.rule, one.path.partition(prefix)[2])
        for one in check(body)
        if one.rule in {"user-twice", "place-unreachable"}
    ]


TWICE = [("place-unreachable", "[1]"), ("user-twice", "[1].UserMediaStream")]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"UserId": "a"}, {"UserId": "a"}, TWICE),
        # The main room is 100, an integer.
        ({"UserId": "a"}, {"UserId": "a", "RoomId": "100", "RoomIdType": 0}, TWICE),
        ({"UserId": "a", "RoomId": ""}, {"UserId": "a", "RoomId": "100", "RoomIdType": 0}, TWICE),
        ({"UserId": "a"}, {"UserId": "a", "RoomId": "200"}, []),
        ({"UserId": "a"}, {"UserId": "a", "RoomId": "100", "RoomIdType": 1}, []),
        # An integer room and a string room may both have the name 100, and each its own `a`.
        ({"UserId": "a"}, {"UserId": "a", "RoomId": "100"}, TWICE[1:]),
        ({"UserId": "a"}, {"UserId": "b"}, []),
        ({"UserId": "a"}, None, []),
        (
            {"UserId": "a"},
            {"UserId": "b", "RoomId": "x", "RoomIdType": 0},
            [("place-unreachable", "[1]")],
        ),
    ],
)
def test_a_published_place(first: Body, second: Body | None, expected: list[Any]) -> None:
    assert found(published(first, second)) == expected


def test_a_users_camera_and_screen_are_two() -> None:
    body = published({"UserId": "a"}, {"UserId": "a"})
    body["VideoParams"]["LayoutParams"]["MixLayoutList"][1]["UserMediaStream"]["StreamType"] = 1
    assert found(body) == []


A, SCREEN, ANYBODY = {"UserId": "a"}, {"UserId": "a", "MediaId": 1}, dict[str, object]()
ALLOW, BLOCK = "SubscribeVideoUserIds", "UnSubscribeVideoUserIds"


@pytest.mark.parametrize(
    ("lists", "windows", "record", "expected"),
    [
        ({}, [A, A], {}, [("place-unreachable", "[1]"), ("user-twice", "[1].UserId")]),
        ({}, [A, SCREEN], {}, []),
        ({BLOCK: ["a"]}, [A, ANYBODY], {}, [("place-unreachable", "[0].UserId")]),
        ({BLOCK: ["a.*$"]}, [{"UserId": "abc"}], {}, [("place-unreachable", "[0].UserId")]),
        ({ALLOW: ["b"]}, [A], {}, [("place-unreachable", "[0].UserId")]),
        ({ALLOW: ["a.*$"]}, [A, ANYBODY, ANYBODY], {}, []),
        ({}, [SCREEN], {"MediaId": 1}, [("place-unreachable", "[0].UserId")]),
        ({}, [A], {"MediaId": 2}, [("place-unreachable", "[0].UserId")]),
        # `a` has a camera, which has its window, and a screen.
        ({ALLOW: ["a"]}, [A, ANYBODY, ANYBODY], {}, [("place-unreachable", "[2]")]),
        ({ALLOW: ["a"]}, [A, ANYBODY], {"MediaId": 1}, [("place-unreachable", "[1]")]),
        ({ALLOW: ["a", "b"]}, [ANYBODY, A, ANYBODY], {"MediaId": 1}, [("place-unreachable", "[2]")]),
        ({"SubscribeAudioUserIds": ["b"]}, [A, ANYBODY], {}, []),
    ],
)
def test_a_recorded_place(
    lists: dict[str, list[str]], windows: list[Body], record: Body, expected: list[Any]
) -> None:
    assert found(recorded(lists, *windows, **record)) == expected
