"""The service's JSON, in its two dialects, to and from Layout.

The names are loaded when they are first used: the models cost start-up time that few commands need.
"""

from typing import TYPE_CHECKING

from layoutkit.lazy import attributes

if TYPE_CHECKING:
    from layoutkit.wire.layout import to_layout as to_layout
    from layoutkit.wire.model import from_wire as from_wire
    from layoutkit.wire.model import to_wire as to_wire
    from layoutkit.wire.params import to_layout_params as to_layout_params
    from layoutkit.wire.schema import MODELS as MODELS
    from layoutkit.wire.tencent import from_sdk as from_sdk
    from layoutkit.wire.tencent import to_sdk as to_sdk

_HOMES = {
    "MODELS": "schema",
    "from_sdk": "tencent",
    "from_wire": "model",
    "to_layout": "layout",
    "to_layout_params": "params",
    "to_sdk": "tencent",
    "to_wire": "model",
}

__all__ = [
    "MODELS",
    "from_wire",
    "to_layout",
    "to_layout_params",
    "to_wire",
]  # the others need the extra `tencent`

__getattr__ = attributes(__name__, _HOMES)
