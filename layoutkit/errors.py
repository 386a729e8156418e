"""The errors layoutkit raises for a user's mistakes: one base, few leaves.

Each message is one line that names the thing, the limit and the value.
"""


class LayoutkitError(Exception):
    """Something the caller gave cannot be used; the message is fit to show to a user."""


class LayoutError(LayoutkitError):
    """A canvas, a participant or a layout that is impossible."""


class SourceError(LayoutkitError):
    """A source, preset, request body or image that cannot be read or understood."""


class OutputError(LayoutkitError):
    """A place where the output cannot be written."""


class StreamError(LayoutkitError):
    """A recording or bitstream that cannot be read or written."""


class TruncatedError(StreamError):
    """A recording that ends before its end; what came before the cut was delivered."""


class RefusedError(LayoutkitError):
    """The input was understood and the answer is no: a container refuses a track, a check failed."""
