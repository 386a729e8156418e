"""Runs of samples in the fragments of MP4 (trun).

Source: ISO/IEC 14496-12 8.8.8, whose names the fields have here.
"""

from array import array
from collections.abc import Mapping
from functools import cache
from struct import Struct
from sys import byteorder
from typing import NamedTuple

from layoutkit.sei.fast.boxes import Part, unpacked
from layoutkit.sei.fast.give_way import GiveWay

FULL_BOX = Struct(">I")
"""Version and flags, which begin every box here."""

_DATA_OFFSET, _FIRST_FLAGS = 1, 4
_TRUN_FIELDS = {_DATA_OFFSET: "i", _FIRST_FLAGS: "I"}
"""Flags, and `struct`'s letter of the field before the table that each announces."""

DURATION, SIZE, FLAGS, COMPOSITION = 0x100, 0x200, 0x400, 0x800
_TRUN_COLUMNS = (DURATION, SIZE, FLAGS, COMPOSITION)
"""Flags, each of which announces a field of every sample; `Run.column` takes one."""

_TRUN_KNOWN = 0xF05
"""Flags of trun that are understood."""


class Run(NamedTuple):
    """A trun: sample_count, the fields before its table if they are there, and the table.

    `columns`: by the flags of the fields that samples have there, which column of the table each is.
    """

    sample_count: int
    data_offset: int | None
    first_sample_flags: int | None
    columns: Mapping[int, int]
    table: "array[int]"

    def column(self, bit: int) -> "array[int] | None":
        """What the samples have of a field; None: the table has nothing of it."""
        place = self.columns.get(bit)
        return None if place is None else self.table[place :: len(self.columns)]


def read_run(moof: memoryview, trun: Part) -> Run:
    """Read a trun of a moof.

    Raises:
        GiveWay: it is not understood, or its samples do not fill it.
    """
    (flags,) = unpacked(FULL_BOX, moof, trun)
    version, flags = flags >> 24, flags & 0xFFFFFF
    if version > 1 or flags & ~_TRUN_KNOWN:
        raise GiveWay("a run of samples that is unusual")
    form, columns = _trun_form(flags)
    count, *fields = unpacked(form, moof, trun, 4)
    start = trun.start + 4 + form.size
    if trun.end - start != 4 * count * len(columns):
        raise GiveWay("a run of samples that does not fill its box")
    table = array("I")
    table.frombytes(moof[start : trun.end])
    if byteorder == "little":
        table.byteswap()
    return Run(
        count,
        fields[0] if flags & _DATA_OFFSET else None,
        fields[-1] if flags & _FIRST_FLAGS else None,
        columns,
        table,
    )


@cache
def _trun_form(flags: int) -> tuple[Struct, Mapping[int, int]]:
    """How sample_count and the optional fields behind it are read; and the columns of the table."""
    form = Struct(">I" + "".join(letter for bit, letter in _TRUN_FIELDS.items() if flags & bit))
    return form, {bit: place for place, bit in enumerate(bit for bit in _TRUN_COLUMNS if flags & bit)}
