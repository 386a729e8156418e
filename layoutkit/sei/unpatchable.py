"""Why a recording cannot be copied around its edits."""


class Unpatchable(Exception):
    """The file's tables hold something that cannot be fixed up; it has to be muxed anew."""
