"""A task through its updates: the state that is left at the end."""

from collections.abc import Mapping
from typing import Any

from layoutkit.wire.document import service_of

_ENCODINGS = {"VideoParams": "VideoEncode", "AudioParams": "AudioEncode"}
_REPLACED = (
    "SingleSubscribeParams",
    "PublishCdnParams",
    "SeiParams",
    "FeedBackRoomParams",
    "WithTranscoding",
)


def merge(state: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """A Start or Create body after an Update or Modify body; neither argument is changed.

    UpdatePublishCdnStream changes what it carries: each field of VideoParams and AudioParams, and each field
    of LayoutParams, that is passed replaces that field, arrays as a whole; encodings stay as the start has
    them. ModifyCloudRecording replaces the layout and the subscription lists, absent ones too.
    """
    merged = dict(state)
    if service_of(state) == "recording":
        merged.pop("MixLayoutParams", None)
        if "MixLayoutParams" in update:
            merged["MixLayoutParams"] = update["MixLayoutParams"]
        params = state.get("RecordParams")
        record = dict(params) if isinstance(params, dict) else {}
        record.pop("SubscribeStreamUserIds", None)
        if "SubscribeStreamUserIds" in update:
            record["SubscribeStreamUserIds"] = update["SubscribeStreamUserIds"]
        merged["RecordParams"] = record
        return merged
    for name in _REPLACED:
        if name in update:
            merged[name] = update[name]
    for name, encoding in _ENCODINGS.items():
        if name in update:
            merged[name] = _over(state.get(name), update[name], encoding)
    return merged


def _over(old: object, new: object, encoding: str) -> object:
    """VideoParams or AudioParams after an update of them."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    made = {**old, **new}
    if encoding in old:
        made[encoding] = old[encoding]
    before, layout = old.get("LayoutParams"), new.get("LayoutParams")
    if isinstance(before, dict) and isinstance(layout, dict):
        made["LayoutParams"] = {**before, **layout}
    return made
