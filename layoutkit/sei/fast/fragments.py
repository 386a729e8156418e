"""Fragmented MP4: the samples that the tables of the movie's fragments tell.

Source: ISO/IEC 14496-12 8.8, whose names the boxes and fields have here.
"""

from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import add
from sys import byteorder

from layoutkit.sei.fast.boxes import MAX_TICKS, Box, Node, only
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.movie import VideoTrack
from layoutkit.sei.fast.samples import Numbers, Samples, check_sizes

MAX_FRAGMENT_BYTES = 16 << 20
"""Largest movie fragment box that is held: the tables of a million samples."""

_SKIPPED = frozenset({b"mdat", b"free", b"skip", b"styp", b"sidx", b"mfra", b"emsg", b"prft", b"udta"})
_IN_FRAGMENT = frozenset({b"tfhd", b"tfdt", b"trun", b"sdtp", b"sbgp", b"sgpd"})

_BASE_DATA_OFFSET, _SAMPLE_ENTRY, _DEFAULT_DURATION, _DEFAULT_SIZE, _DEFAULT_FLAGS = 1, 2, 8, 16, 32
_BASE_IS_MOOF = 0x020000
_TFHD_KNOWN = 0x3B | _BASE_IS_MOOF
"""Flags of tfhd that are understood."""

Forms = tuple[tuple[int, str], ...]
"""Flags, and `struct`'s letter of the field that each announces."""

_TFHD_FIELDS: Forms = (
    (_BASE_DATA_OFFSET, "Q"),
    (_SAMPLE_ENTRY, "I"),
    (_DEFAULT_DURATION, "I"),
    (_DEFAULT_SIZE, "I"),
    (_DEFAULT_FLAGS, "I"),
)

_DATA_OFFSET, _FIRST_FLAGS = 1, 4
_DURATION, _SIZE, _FLAGS, _COMPOSITION = 0x100, 0x200, 0x400, 0x800
_TRUN_KNOWN = 0xF05
"""Flags of trun that are understood."""

_TRUN_FIELDS: Forms = ((_DATA_OFFSET, "i"), (_FIRST_FLAGS, "I"))
_TRUN_COLUMNS: Forms = ((_DURATION, "I"), (_SIZE, "I"), (_FLAGS, "I"), (_COMPOSITION, "I"))

_IS_NO_KEY = 0x01010000
"""sample_depends_on 1 (it does) or sample_is_non_sync_sample, of a sample's flags."""


def in_fragments(
    file: LocalFile, boxes: Iterable[Box], mvex: dict[bytes, list[Node]], track: VideoTrack
) -> Samples:
    """The samples of all fragments.

    All are looked at before the first is used: one that is damaged can move the times of all.

    Raises:
        GiveWay: a box that is not understood, or samples that are in the movie box as well.
    """
    if track.edit.duration is not None:
        raise GiveWay("an edit list that may trim fragments")
    counts = ((b"stts", 4), (b"stsc", 4), (b"stsz", 8))
    if any(only(track.tables, kind).numbers("I", offset) != (0,) for kind, offset in counts):
        raise GiveWay("samples in the movie box and in fragments")
    fragments = _Fragments(track.track_id, mvex)
    behind = False
    for box in boxes:
        if box.kind == b"moof":
            if box.end - box.body > MAX_FRAGMENT_BYTES or not behind:
                raise GiveWay("a fragment that is too large, or before the movie box")
            moof = Node(memoryview(file.read(box.body, box.end - box.body))).children()
            fragments.add(moof, box.start)
        elif box.kind == b"moov":
            behind = True
        elif box.kind not in _SKIPPED and (behind or box.kind != b"ftyp"):
            raise GiveWay(f"box {box.kind!r}")
    check_sizes(fragments.sizes)
    if max(fragments.end, fragments.others) > file.size:
        raise GiveWay("samples past the end of the file")
    return Samples(
        fragments.runs,
        fragments.sizes,
        fragments.dts,
        fragments.pts,
        Numbers(array("I", (n for n, flags in enumerate(fragments.flags) if not flags & _IS_NO_KEY))),
        track.edit.media_time,
        track.timescale,
    )


class _Fragments:
    """The samples of one track, gathered fragment after fragment."""

    def __init__(self, track_id: int, mvex: dict[bytes, list[Node]]) -> None:
        if not mvex.keys() <= {b"trex", b"mehd"}:
            raise GiveWay(f"boxes {mvex.keys()} about fragments")
        defaults = [trex.numbers("5I", 4) for trex in mvex.get(b"trex", [])]
        self._tracks = {numbers[0] for numbers in defaults}
        if len(self._tracks) != len(defaults) or track_id not in self._tracks:
            raise GiveWay("tracks without defaults for their fragments")
        self._track_id = track_id
        _, entry, self._duration, self._size, self._flags = next(
            numbers for numbers in defaults if numbers[0] == track_id
        )
        if entry != 1:
            raise GiveWay(f"sample entry {entry}")
        self._next = 0
        self.runs: list[tuple[Sequence[int], int]] = []
        self.sizes = array("I")
        self.dts = array("q")
        self.pts = array("q")
        self.flags = array("I")
        self.end = 0
        self.others = 0

    def add(self, moof: dict[bytes, list[Node]], start: int) -> None:
        """Take the track's samples of the next fragment, whose box starts at `start`."""
        if not moof.keys() <= {b"mfhd", b"traf"}:
            raise GiveWay(f"a fragment with {moof.keys()}")
        is_met = False
        for number, node in enumerate(moof.get(b"traf", [])):
            traf = node.children()
            flags, track_id = only(traf, b"tfhd").numbers("II")
            if not traf.keys() <= _IN_FRAGMENT or flags & ~_TFHD_KNOWN or track_id not in self._tracks:
                raise GiveWay("a track's part of a fragment that is unusual")
            fields = _fields(only(traf, b"tfhd"), 8, flags, _TFHD_FIELDS)
            base = fields.get(_BASE_DATA_OFFSET, start)
            self.end = max(self.end, base)
            if track_id != self._track_id:
                for trun in traf.get(b"trun", []):
                    columns, _, _, table = _run_table(trun)
                    if _SIZE in columns:
                        self.others += sum(table[columns.index(_SIZE) :: len(columns)])
                continue
            if is_met or (number and not flags & (_BASE_DATA_OFFSET | _BASE_IS_MOOF)):
                raise GiveWay("samples that follow others, of this track or another")
            is_met = True
            self._add_track(traf, fields, base)

    def _add_track(self, traf: dict[bytes, list[Node]], fields: dict[int, int], base: int) -> None:
        if fields.get(_SAMPLE_ENTRY, 1) != 1:
            raise GiveWay("another sample entry")
        defaults = {
            _DURATION: fields.get(_DEFAULT_DURATION, self._duration),
            _SIZE: fields.get(_DEFAULT_SIZE, self._size),
            _FLAGS: fields.get(_DEFAULT_FLAGS, self._flags),
            _COMPOSITION: 0,
        }
        tfdt = only(traf, b"tfdt")
        (version,) = tfdt.numbers("B")
        (dts,) = tfdt.numbers("Q" if version == 1 else "I", 4)
        if version > 1 or not self._next <= dts < 1 << 62:
            raise GiveWay("a fragment that goes back in time")
        self._next = dts
        for trun in traf.get(b"trun", []):
            self._add_run(trun, base, defaults)

    def _add_run(self, trun: Node, base: int, defaults: dict[int, int]) -> None:
        columns, count, head, table = _run_table(trun)
        if _DATA_OFFSET not in head or not columns or not count:
            raise GiveWay("a run of samples that is unusual")
        duration, size, flag, composition = (
            table[columns.index(bit) :: len(columns)] if bit in columns else array("I", [default]) * count
            for bit, default in defaults.items()
        )
        if not all(duration) or max(duration) >= MAX_TICKS or max(composition) >= MAX_TICKS:
            raise GiveWay("times that stand still, or are too long to be meant")
        flag[0] = head.get(_FIRST_FLAGS, flag[0])
        times = array("q", accumulate(duration, initial=self._next))
        self._next = times.pop()
        offset = base + head[_DATA_OFFSET]
        if offset < 0:
            raise GiveWay("samples before the start of the file")
        self.runs.append(((offset,), count))
        self.end = max(self.end, offset + sum(size))
        self.sizes += size
        self.dts += times
        self.pts += array("q", map(add, times, composition))
        self.flags += flag


def _run_table(trun: Node) -> tuple[tuple[int, ...], int, dict[int, int], "array[int]"]:
    """The columns of a run's table by their flags, its rows, the fields before it, and its numbers."""
    flags, count = trun.numbers("II")
    version, flags = flags >> 24, flags & 0xFFFFFF
    if version > 1 or flags & ~_TRUN_KNOWN:
        raise GiveWay("a run of samples that is unusual")
    columns, _ = _announced(flags, _TRUN_COLUMNS)
    head = _fields(trun, 8, flags, _TRUN_FIELDS)
    table = array("I")
    table.frombytes(trun.data[8 + 4 * len(head) :])
    if len(table) != count * len(columns):
        raise GiveWay("a run of samples that does not fill its box")
    if byteorder == "little":
        table.byteswap()
    return columns, count, head, table


def _fields(box: Node, offset: int, flags: int, forms: Forms) -> dict[int, int]:
    """The optional fields that a box's flags announce."""
    bits, form = _announced(flags, forms)
    return dict(zip(bits, box.numbers(form, offset), strict=True))


@lru_cache(maxsize=64)
def _announced(flags: int, forms: Forms) -> tuple[tuple[int, ...], str]:
    """The flags of the fields that are there, and their letters; a file's boxes announce the same ones."""
    there = [(bit, form) for bit, form in forms if flags & bit]
    return tuple(bit for bit, _ in there), "".join(form for _, form in there)
