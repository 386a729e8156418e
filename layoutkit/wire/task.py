"""A task through its updates: the state that is left at the end."""

from collections.abc import Mapping
from typing import Any

from layoutkit.wire.document import service_of

_PUBLISH_NESTED = ("VideoParams", "AudioParams")
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
    of LayoutParams, that is passed replaces that field, arrays as a whole. ModifyCloudRecording replaces the
    layout and the subscription lists, absent ones too.
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
    for name in _PUBLISH_NESTED:
        if name in update:
            merged[name] = _over(state.get(name), update[name])
    video, old = merged.get("VideoParams"), state.get("VideoParams")
    if isinstance(video, dict) and isinstance(old, dict) and "LayoutParams" in old:
        video["LayoutParams"] = _over(old["LayoutParams"], video["LayoutParams"])
    return merged


def _over(old: object, new: object) -> object:
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new
