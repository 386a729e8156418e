"""Who sits where: laws over any windows and participants, then the rules one by one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import LayoutError
from layoutkit.geometry.layout import Participant, Shows, Stream, Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.seating import Room, Seating, is_listed, subscribed, take_places

HOME = Room("7", "integer")


def place(number: int, name: Participant | None = None) -> Window:
    """A window that can be told from the others by its rectangle."""
    return Window(Rect(number, 0, 1, 1), name)


def seats(seating: Seating) -> list[str | None]:
    """Who holds each window, None where nobody has come."""
    return [None if window.shows is Shows.NOBODY else str(window.participant) for window in seating.windows]


rooms = st.sampled_from([(None, None), ("7", None), ("7", "integer"), ("7", "string"), ("8", None)])
users = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def participants(draw: st.DrawFn) -> Participant:
    room_id, room_id_type = draw(rooms)
    return Participant(
        draw(users),
        room_id,  # type: ignore[arg-type]
        draw(st.sampled_from(list(Stream))),
        sends_audio=draw(st.booleans()),
        sends_video=draw(st.booleans()),
        room_id_type=room_id_type,  # type: ignore[arg-type]
    )


def _at_home(person: Participant) -> tuple[object, ...]:
    in_room = person if person.room_id else replace(person, room_id="7", room_id_type="integer")
    return in_room.identity


crowds = st.lists(participants(), max_size=8, unique_by=_at_home)
lists_of_places = st.lists(st.none() | participants(), max_size=8).map(
    lambda names: [place(number, name) for number, name in enumerate(names)]
)
mixes = given(lists_of_places, crowds, st.booleans(), st.sampled_from([None, HOME]))


@mixes
def test_windows_keep_their_order_and_everything_but_who_is_in_them(
    places: list[Window], crowd: list[Participant], hold: bool, room: Room | None
) -> None:
    seating = take_places(places, crowd, hold_audio_only=hold, main_room=room)
    assert [w.rect for w in seating.windows] == [w.rect for w in places]
    for window, given_place in zip(seating.windows, places, strict=True):
        if window.shows is Shows.NOBODY:
            assert window.participant == given_place.participant


@mixes
def test_a_named_window_only_ever_holds_its_user(
    places: list[Window], crowd: list[Participant], hold: bool, room: Room | None
) -> None:
    seating = take_places(places, crowd, hold_audio_only=hold, main_room=room)
    for window, given_place in zip(seating.windows, places, strict=True):
        if given_place.participant is not None:
            assert window.participant is not None
            assert window.participant.is_same_stream(given_place.participant)


@mixes
def test_everybody_in_the_mix_is_in_exactly_one_place(
    places: list[Window], crowd: list[Participant], hold: bool, room: Room | None
) -> None:
    seating = take_places(places, crowd, hold_audio_only=hold, main_room=room)
    sends = [p for p in crowd if p.sends_audio or p.sends_video]
    taken = sum(window.shows is not Shows.NOBODY for window in seating.windows)
    assert taken + len(seating.dropped) + len(seating.audio_only) == len(sends)
    assert set(seating.dropped) | set(seating.audio_only) <= set(sends)
    assert not set(seating.dropped) & set(seating.audio_only)


@mixes
def test_unnamed_windows_fill_in_list_order_as_people_enter(
    places: list[Window], crowd: list[Participant], hold: bool, room: Room | None
) -> None:
    seating = take_places(places, crowd, hold_audio_only=hold, main_room=room)
    unnamed = [
        window
        for window, given_place in zip(seating.windows, places, strict=True)
        if given_place.participant is None
    ]
    taken = [window.shows is not Shows.NOBODY for window in unnamed]
    assert taken == sorted(taken, reverse=True)
    order = [crowd.index(window.participant) for window in unnamed if window.participant is not None]
    assert order == sorted(order)


@given(lists_of_places, crowds, st.booleans())
def test_nobody_is_dropped_while_an_unnamed_window_is_empty_save_behind_a_name(
    places: list[Window], crowd: list[Participant], hold: bool
) -> None:
    seating = take_places(places, crowd, hold_audio_only=hold)
    if any(w.participant is None for w in seating.windows):
        for person in seating.dropped:
            assert any(w.participant and w.participant.is_same_stream(person) for w in places)


@mixes
def test_who_enters_later_changes_nothing_for_those_before(
    places: list[Window], crowd: list[Participant], hold: bool, room: Room | None
) -> None:
    after = take_places(places, crowd, hold_audio_only=hold, main_room=room)
    before = take_places(places, crowd[:-1], hold_audio_only=hold, main_room=room)
    for earlier, later in zip(before.windows, after.windows, strict=True):
        assert earlier.shows is Shows.NOBODY or earlier == later
    assert after.dropped[: len(before.dropped)] == before.dropped
    assert after.audio_only[: len(before.audio_only)] == before.audio_only


def test_names_are_reserved_and_the_rest_fill_in_order() -> None:
    places = [place(0), place(1, Participant("b")), place(2), place(3, Participant("z"))]
    seating = take_places(places, ["a", "b", "c", "d"], hold_audio_only=False)
    assert seats(seating) == ["a", "b", "c", None]
    assert seating.windows[3].participant == Participant("z")
    assert [str(p) for p in seating.dropped] == ["d"]


def test_a_window_for_a_camera_is_not_for_the_same_users_screen() -> None:
    screen = Participant("a", stream=Stream.SCREEN)
    seating = take_places([place(0, Participant("a")), place(1)], [screen], hold_audio_only=False)
    assert seats(seating) == [None, "a:screen"]


@pytest.mark.parametrize(
    ("name", "person", "room", "sits"),
    [
        (Participant("a", "7"), Participant("a", "7"), None, True),
        (Participant("a", "7"), Participant("a", "8"), None, False),
        (Participant("a", "7"), Participant("a"), None, True),
        (Participant("a"), Participant("a", "8"), None, True),
        (Participant("a"), Participant("a", "8"), HOME, False),
        (Participant("a"), Participant("a", "7", room_id_type="integer"), HOME, True),
        (Participant("a"), Participant("a", "7", room_id_type="string"), HOME, False),
        (Participant("a", "8"), Participant("a"), HOME, False),
        (Participant("a", "8"), Participant("a", "8"), HOME, True),
        (
            Participant("a", "7", room_id_type="string"),
            Participant("a", "7", room_id_type="integer"),
            None,
            False,
        ),
    ],
)
def test_a_room_is_its_id_and_type_and_unstated_means_the_main_room(
    name: Participant, person: Participant, room: Room | None, sits: bool
) -> None:
    seating = take_places([place(0, name)], [person], hold_audio_only=False, main_room=room)
    assert (seating.windows[0].shows is Shows.VIDEO) is sits
    assert bool(seating.dropped) is not sits


def test_unnamed_windows_are_for_the_main_room() -> None:
    seating = take_places(
        [place(0), place(1)],
        [Participant("a", "8"), Participant("b"), Participant("c", "7")],
        hold_audio_only=False,
        main_room=HOME,
    )
    assert seats(seating) == ["b", "c@7"]
    assert seating.dropped == (Participant("a", "8"),)


def test_audio_only_is_heard_without_an_unnamed_window_when_publishing_and_takes_one_in_a_recording() -> None:
    crowd = [Participant("a", sends_video=False), Participant("b"), Participant("c", sends_video=False)]
    published = take_places([place(0), place(1)], crowd, hold_audio_only=False)
    assert seats(published) == ["b", None]
    assert [str(p) for p in published.audio_only] == ["a", "c"]
    recorded = take_places([place(0), place(1)], crowd, hold_audio_only=True)
    assert seats(recorded) == ["a", "b"]
    assert [w.shows for w in recorded.windows] == [Shows.AUDIO_ONLY, Shows.VIDEO]
    assert [str(p) for p in recorded.dropped] == ["c"]
    assert recorded.audio_only == ()


@pytest.mark.parametrize("hold", [False, True])
def test_a_named_window_is_held_by_its_user_who_sends_only_audio(hold: bool) -> None:
    quiet = Participant("a", sends_video=False)
    seating = take_places([place(0, Participant("a"))], [quiet], hold_audio_only=hold)
    assert seating.windows[0].shows is Shows.AUDIO_ONLY
    assert seating.audio_only == ()


def test_who_sends_nothing_is_not_in_the_mix() -> None:
    ghost = Participant("a", sends_audio=False, sends_video=False)
    seating = take_places([place(0, Participant("a")), place(1)], [ghost], hold_audio_only=True)
    assert seats(seating) == [None, None]
    assert seating.dropped == ()


def test_a_user_named_twice_is_seen_once() -> None:
    seating = take_places(
        [place(0, Participant("a")), place(1, Participant("a"))], ["a"], hold_audio_only=True
    )
    assert seats(seating) == ["a", None]


def test_the_same_stream_twice_is_an_error_even_where_the_main_room_only_makes_it_so() -> None:
    twice = [Participant("a"), Participant("a", "7", room_id_type="integer")]
    with pytest.raises(LayoutError, match="a@7 is there twice"):
        take_places([place(0)], twice, hold_audio_only=False, main_room=HOME)


@pytest.mark.parametrize(
    ("user", "names", "present", "listed"),
    [
        ("10", ["10"], ["10"], True),
        ("10", ["1"], ["10"], False),
        ("10", ["1.*$"], ["10", "1"], True),
        ("1", ["1.*$"], ["10", "1"], True),
        ("20", ["1.*$"], ["20"], False),
        ("20", [".*$"], ["20"], True),
        ("20", [], ["20"], False),
        ("10", ["1.*$"], ["10", "1.*$"], False),
        ("1.*$", ["1.*$"], ["10", "1.*$"], True),
        ("1.5", ["1..*$"], ["1.5"], True),
        ("1x5", ["1..*$"], ["1x5"], False),
    ],
)
def test_lists_mean_names_and_prefixes(user: str, names: list[str], present: list[str], listed: bool) -> None:
    assert is_listed(user, names, present) is listed


def test_lists_and_streams_choose_who_is_recorded() -> None:
    crowd = [Participant("10"), Participant("11"), Participant("20"), Participant("20", stream=Stream.SCREEN)]
    assert subscribed(crowd) == tuple(crowd)
    assert [str(p) for p in subscribed(crowd, allow=["1.*$"])] == ["10", "11"]
    assert [str(p) for p in subscribed(crowd, block=["1.*$"])] == ["20", "20:screen"]
    assert [str(p) for p in subscribed(crowd, allow=["1.*$"], block=["11"])] == ["10"]
    assert [str(p) for p in subscribed(crowd, streams=[Stream.SCREEN])] == ["20:screen"]
