"""What a reading finds beside its messages: notes, damage, and which types there are."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from layoutkit.errors import StreamError

RAW_NOTE = "a raw stream has no clock: pts and dts are null, and index counts its pictures"
"""Said of every raw stream, whoever reads it."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing a reader should know.

    Attributes:
        source: the file or address.
        reason: what is the matter, a phrase.
        packet: number of the video packet, from 0 in decode order; None: no packet's.
        offset: bytes into the packet; None: the whole of it.
        is_damage: whether bytes are not as they should be; else it is a note on what was read.
    """

    source: str
    reason: str
    packet: int | None = None
    offset: int | None = None
    is_damage: bool = True

    def __str__(self) -> str:
        place = "" if self.packet is None else f" packet {self.packet}"
        place += "" if self.offset is None else f"{',' if place else ''} byte {self.offset}"
        return f"{self.source}:{place}{':' if place else ''} {self.reason}"


@dataclass(slots=True)
class Report:
    """Filled while the messages are read.

    Attributes:
        on_diagnostic: called with each note and each damage as it is met.
        strict: whether damage ends the reading with StreamError.
        seen: for each video track, by its number, how many messages of each type it holds, those that were
            not asked for included; complete once the reading is.
        codecs: each video track's codec, by its number.
        packets: video packets read of the track asked for.
        position: bytes of the file read so far, where the source is one.
    """

    on_diagnostic: Callable[[Diagnostic], None] | None = None
    strict: bool = False
    seen: dict[int, Counter[int]] = field(default_factory=dict)
    codecs: dict[int, str] = field(default_factory=dict)
    packets: int = 0
    position: int = 0

    def note(self, source: str, reason: str, *, packet: int | None = None) -> None:
        """Tell something that is no damage."""
        self._tell(Diagnostic(source, reason, packet, is_damage=False))

    def damage(
        self, source: str, reason: str, *, packet: int | None = None, offset: int | None = None
    ) -> None:
        """Tell of damage; StreamError where it is to be fatal."""
        diagnostic = Diagnostic(source, reason, packet, offset)
        if self.strict:
            raise StreamError(str(diagnostic))
        self._tell(diagnostic)

    def _tell(self, diagnostic: Diagnostic) -> None:
        if self.on_diagnostic is not None:
            self.on_diagnostic(diagnostic)
