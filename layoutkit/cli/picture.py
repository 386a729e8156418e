"""What `preview` needs beside a layout: users' pictures and a recording's moment."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from layoutkit.cli.options import parse_user
from layoutkit.errors import LayoutError, SourceError, TruncatedError
from layoutkit.geometry.layout import Layout, Participant, ParticipantLike, Stream
from layoutkit.raster.content import source_of
from layoutkit.raster.images import STILL_SUFFIXES

_SCREEN = "@screen"
"""Ends the name of a file that shows a user's screen: a colon, as options have it, is no name on Windows."""


def parse_sources(pairs: list[str]) -> dict[Participant, Path]:
    """Whose picture is in which file, by `USER=FILE` and `USER:screen=FILE`.

    Raises:
        SourceError: a pair without a file, a file that is not there, or a user who is there twice.
    """
    found: dict[Participant, Path] = {}
    for pair in pairs:
        user, _, file = pair.partition("=")
        if not user or not file:
            raise SourceError(f"--source {pair!r}: write USER=FILE or USER:screen=FILE")
        if not Path(file).exists():
            raise SourceError(f"--source {pair}: {file}: no such file")
        person = parse_user(user)
        if person in found:
            raise SourceError(f"--source {pair}: {person} has {found[person]} already")
        found[person] = Path(file)
    return found


def with_folder(named: Mapping[Participant, Path], folder: Path | None) -> dict[ParticipantLike, Path]:
    """The named pictures, then a folder's: `USER.png` is any stream's, `USER@screen.png` the screen's.

    What is named one by one comes first, and so wins over the folder; of a user's files in it a picture comes
    before what may be a video.

    Raises:
        SourceError: a folder that is not there.
    """
    found: dict[ParticipantLike, Path] = dict(named.items())
    if folder is None:
        return found
    if not folder.is_dir():
        raise SourceError(f"--sources {folder}: no such folder")
    for path in sorted(folder.iterdir(), key=lambda path: (path.suffix.lower() not in STILL_SUFFIXES, path)):
        user = path.stem.removesuffix(_SCREEN)
        if path.is_file() and user:
            found.setdefault(user if user == path.stem else Participant(user, stream=Stream.SCREEN), path)
    return found


def unused(pictures: Mapping[Participant, Path], layouts: Iterable[Layout]) -> Iterator[str]:
    """What to say of each picture named one by one whose user has no window."""
    shown = [window.participant for layout in layouts for window in layout.windows if window.participant]
    for user, path in pictures.items():
        if not any(user.is_same_stream(person) for person in shown):
            yield f"--source {user}={path}: {user} has no window"


def shown(pictures: Mapping[ParticipantLike, Path], layouts: Iterable[Layout]) -> Iterator[Path]:
    """The files that are seen in some window."""
    for layout in layouts:
        for window in layout.windows:
            path = source_of(window, pictures)
            if path is not None:
                yield path


def parse_now(text: str | None) -> datetime | None:
    """A time in ISO 8601; without a zone it is UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise LayoutError(f"--now {text!r}: not a time as in 2025-03-11T08:00:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def fetcher() -> Callable[[str], bytes]:
    """What `--fetch` fetches with; loaded only then, since it brings TLS with it."""
    from layoutkit.raster.fetch import fetch

    return fetch


def is_recording(source: str) -> bool:
    """Whether a SOURCE is a file that does not begin as JSON does."""
    path = Path(source)
    if path.suffix in {".json", ".jsonl"} or not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    return bool(start) and start[:1] not in b"{["


def layout_at(recording: str, at_s: float, warn: Callable[[str], None]) -> Layout:
    """What a recording's SEI says at a time stamp: the last layout until then, else the first there is.

    Args:
        recording: the file.
        at_s: seconds, as `sei read` prints them under `pts`.
        warn: told where the recording is cut off, and where its first layout comes later.

    Raises:
        SourceError: the recording has no volume-layout SEI, or none with a time stamp.
        StreamError: the recording cannot be read.
    """
    from layoutkit.sei.reader import read_sei

    stamped = []
    try:
        for message in read_sei(recording):
            layout = message.layout
            if layout is not None and message.pts_s is not None:
                stamped.append((message.pts_s, layout))
    except TruncatedError as error:
        if not stamped:
            raise
        warn(f"{error}; drawn is what came before")
    if not stamped:
        raise SourceError(f"{recording}: no volume-layout SEI with a time stamp is in it")
    stamped.sort(key=lambda pair: pair[0])
    until = [layout for pts_s, layout in stamped if pts_s <= at_s]
    first_s, first = stamped[0]
    if not until:
        warn(f"{recording}: its first layout comes at {first_s:g} s, and that one is drawn")
    return (until[-1] if until else first).to_layout()
