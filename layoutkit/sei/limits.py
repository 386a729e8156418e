"""Which payload types can carry what, and how much of it is read: numbers, so that readers start quickly.

Sources: McuLayoutVolume and McuPassThrough in the API's data types; H.264 Annex D.
"""

USER_DATA_UNREGISTERED = 5
"""payload_type of a message that begins with a 16-byte UUID (H.264 D.1.7)."""

DEFAULT_TYPE = 100
"""payload_type of the volume layout where the request names none (McuLayoutVolume.PayloadType)."""

TIMESTAMP_TYPE = 244
"""payload_type that the service keeps for its own timestamps (McuLayoutVolume.PayloadType)."""

LAYOUT_TYPES = frozenset(range(100, 255)) - {TIMESTAMP_TYPE}
"""payload_type values under which a request can ask for the volume layout (same place). The standards assign
some of them to other things, so a row's layout is told by its content as well."""

MAX_APP_DATA = 4095
"""Longest app_data, characters (McuLayoutVolume.AppData: shorter than 4,096)."""

MAX_REGIONS = 1024
"""Most regions read: the service mixes 16 pictures, and a crafted payload of 1 MiB could list 100,000."""

MILLISECONDS_FROM = 100_000_000_000
"""A ts from here on is in milliseconds: in seconds it would be the year 5138, in milliseconds March 1973."""
