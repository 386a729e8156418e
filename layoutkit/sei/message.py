"""SEI messages inside a NAL unit: payload type, size, payload.

Source: H.264 7.3.2.3.1 sei_message(), H.265 7.3.5.
"""

from dataclasses import dataclass

USER_DATA_UNREGISTERED = 5
"""payload_type of a message that begins with a 16-byte UUID (H.264 D.1.7)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One SEI message: `payload` without emulation prevention, as long as payload_size says."""

    payload_type: int
    payload: bytes
