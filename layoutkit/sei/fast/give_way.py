"""What a fast reader raises at the first thing it does not understand."""


class GiveWay(Exception):
    """The recording is not as simple as the fast reader needs it; the general reader has to take over.

    Never shown to a user: whatever is the matter, the general reader finds it and says so.
    """
