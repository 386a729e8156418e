"""The samples of a track of MP4, from the tables of the movie box.

Source: ISO/IEC 14496-12 8.6 and 8.7, whose names the boxes and fields have here.
"""

from array import array
from collections.abc import Container, Iterator, Sequence
from itertools import accumulate, chain, islice, repeat
from operator import add, ge

from layoutkit.sei.fast.boxes import MAX_TICKS, Node, only, signed
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.movie import Edit, VideoTrack, chunk_offsets, chunk_runs
from layoutkit.sei.fast.samples import Numbers, Samples, check_sizes

_PLAIN_TABLES = frozenset(
    {b"stsd", b"stts", b"ctts", b"cslg", b"stss", b"stsc", b"stsz", b"stco", b"co64"}
    | {b"sdtp", b"sgpd", b"sbgp"}
)


def tabled(track: VideoTrack) -> Samples:
    """The samples that the tables of the movie box tell.

    Raises:
        GiveWay: a table that is not understood, or an edit list that trims samples.
    """
    tables = track.tables
    check_plain(tables)
    stsz = only(tables, b"stsz")
    sizes = stsz.table(1, 8)
    if stsz.numbers("I", 4) != (0,):
        raise GiveWay("samples of one size for all")
    check_sizes(sizes)
    chunks = chunk_offsets(tables)
    runs = list(chunk_runs(tables, len(chunks)))
    if sum((last - first) * each for first, last, each in runs) != len(sizes):
        raise GiveWay("chunks of more samples than there are, or fewer")
    durations = _Each(only(tables, b"stts"), len(sizes))
    dts, frame_ticks = durations.sums(), durations.only
    del durations
    pts = dts
    if b"ctts" in tables:
        offsets = _Each(only(tables, b"ctts"), len(sizes), is_signed=True)
        pts = array("q", map(add, dts, offsets))
        if lowest := offsets.lowest():
            # FFmpeg lets decoding begin so much earlier that it is before display everywhere.
            dts = array("q", map(lowest.__add__, dts))
    keys = _key_frames(tables)
    if track.edit:
        _check_edit(track.edit, dts, pts, keys)
    return Samples(
        [(chunks if last - first == len(chunks) else chunks[first:last], each) for first, last, each in runs],
        sizes,
        dts,
        pts,
        keys,
        track.start,
        track.timescale,
        frame_ticks,
    )


def check_plain(tables: dict[bytes, list[Node]]) -> None:
    """Make sure that tables tell no more of samples than where and when they are, and which are key frames.

    Raises:
        GiveWay: they may.
    """
    if not tables.keys() <= _PLAIN_TABLES:
        raise GiveWay(f"tables {tables.keys() - _PLAIN_TABLES}")
    for group in tables.get(b"sbgp", []):
        if group.part(4, 4) != b"roll":
            raise GiveWay("groups of samples that may say which are key frames")


def _check_edit(edit: Edit, dts: Sequence[int], pts: Sequence[int], keys: Container[int]) -> None:
    """Make sure that the edit list trims nothing."""
    start, duration, _ = edit
    if duration is None:
        if start or dts[0] < 0:
            raise GiveWay("an edit of no duration")
        return
    last = max(pts)
    if min(pts) != start or last >= start + duration:
        raise GiveWay("an edit list that trims")
    # At a key frame that reaches the end of the edit, FFmpeg stops.
    if pts[-1] != last and pts.index(last) in keys:
        raise GiveWay("an edit list that ends at a key frame, with pictures behind it")


def _key_frames(tables: dict[bytes, list[Node]]) -> Container[int]:
    """Numbers of the samples that stss lists, from 0; without it, all are key frames."""
    if b"stss" not in tables:
        return range(1 << 32)
    numbers = only(tables, b"stss").table(1, 4)
    if not numbers or numbers[0] != 1 or any(map(ge, numbers, islice(numbers, 1, None))):
        raise GiveWay("key frames out of order, or not from the start")
    return Numbers(numbers, first=1)


class _Each:
    """The value for each sample, of stts or ctts.

    Attributes:
        only: the value that all have; None where they differ.

    Raises:
        GiveWay: they are not for as many samples as there are, or too large to be meant.
    """

    def __init__(self, table: Node, count: int, *, is_signed: bool = False) -> None:
        pairs = table.table(2, 4)
        if is_signed:
            pairs = signed(pairs)
        self._pairs = pairs
        values = set(self._values())
        self._lowest = min(values, default=0)
        highest = max(values, default=0)
        if sum(self._counts()) != count or not -MAX_TICKS < self._lowest <= highest < MAX_TICKS:
            raise GiveWay("times that are not for each sample, or too long")
        self._count = count
        self.only = pairs[1] if len(values) == 1 else None

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(map(repeat, self._values(), self._counts()))

    def _counts(self) -> Iterator[int]:
        return islice(self._pairs, 0, None, 2)

    def _values(self) -> Iterator[int]:
        return islice(self._pairs, 1, None, 2)

    def lowest(self) -> int:
        """The least of them where that is below 0, else 0.

        Raises:
            GiveWay: FFmpeg, which does not look at the last two entries for it, would have another.
        """
        if self._lowest >= 0:
            return 0
        if self._lowest < min(self._pairs[1:-4:2], default=0) or not all(self._counts()):
            raise GiveWay("pictures displayed before they are decoded, among the last")
        return self._lowest

    def sums(self) -> Sequence[int]:
        """What comes before each sample, added up."""
        if self.only:
            return range(0, self._count * self.only, self.only)
        sums = array("q", accumulate(self, initial=0))
        sums.pop()
        return sums
