"""The fields that a conversion reads, and so those that it leaves unread.

Sources: the data types of the API; a field that is not here is not part of a layout, has no effect on one, or
is not known. What is part of a layout and cannot be said in the other dialect is for `losses` to tell.
"""

from collections.abc import Iterator, Mapping

from layoutkit.geometry.layout import Service

_Fields = Mapping[str, str | None]
"""Field to the kind of object in it (a list's entries), None where nothing below is looked at."""

_COMMON: _Fields = dict.fromkeys(("Action", "Version", "Region", "SdkAppId", "RoomId", "RoomIdType"))
_PLACE: _Fields = dict.fromkeys(("LocationX", "LocationY", "ZOrder", "WaterMarkWidth", "WaterMarkHeight"))
_BOX: _Fields = dict.fromkeys(("Left", "Top", "Width", "Height"))
_TEXT: _Fields = dict.fromkeys(("FontSize", "FontColor", "BackGroundColor"))

_KINDS: Mapping[Service, Mapping[str, _Fields]] = {
    "publish": {
        "body": {**_COMMON, "VideoParams": "video"},
        "video": {
            **dict.fromkeys(("VideoEncode", "BackGroundColor", "BackgroundImageUrl", "BackgroundRenderMode")),
            "LayoutParams": "params",
            "WaterMarkList": "mark",
        },
        "params": {
            **dict.fromkeys(("MixLayoutMode", "PureAudioHoldPlaceMode", "MaxVideoUser", "RenderMode")),
            "MixLayoutList": "window",
        },
        "window": dict.fromkeys(
            (
                "UserMediaStream",
                "ImageWidth",
                "ImageHeight",
                "LocationX",
                "LocationY",
                "ZOrder",
                "RenderMode",
                "BackgroundImageUrl",
                "BackgroundRenderMode",
            )
        ),
        "mark": {"WaterMarkType": None, "WaterMarkImage": "image", "WaterMarkText": "text"},
        "image": {**_PLACE, "WaterMarkUrl": None},
        "text": {**_PLACE, **_TEXT, "Text": None},
    },
    "recording": {
        "body": {**_COMMON, "MixTranscodeParams": "transcode", "MixLayoutParams": "params"},
        "transcode": {"VideoParams": None},
        "params": {
            **dict.fromkeys(
                (
                    "MixLayoutMode",
                    "BackGroundColor",
                    "MaxResolutionUserId",
                    "MediaId",
                    "BackgroundImageUrl",
                    "PlaceHolderMode",
                    "BackgroundImageRenderMode",
                    "DefaultSubBackgroundImage",
                    "RenderMode",
                    "MaxResolutionUserAlign",
                    "PureAudioDisableLayout",
                )
            ),
            "MixLayoutList": "window",
            "WaterMarkList": "mark",
        },
        "window": {
            **_BOX,
            **dict.fromkeys(("UserId", "MediaId", "RenderMode", "ImageLayer", "SubBackgroundImage")),
            # Opaque is what publishing always is; `losses` tells of the rest.
            "Alpha": None,
        },
        "mark": {
            **dict.fromkeys(("WaterMarkType", "WaterMarkTimestamp")),
            "WaterMarkImage": "image",
            "WaterMarkChar": "text",
        },
        "image": {**_BOX, "WaterMarkUrl": None},
        "text": {**_BOX, **_TEXT, "Chars": None},
    },
}


def left_out(document: object, source: Service) -> Iterator[str]:
    """Paths of the fields that a conversion leaves out, in document order.

    Args:
        document: a body, its McuVideoParams, its layout parameters or a list, in the dialect of `source`.
    """
    if isinstance(document, list):
        yield from _walk(document, "window", "$", _KINDS[source])
    elif isinstance(document, Mapping):
        if "MixLayoutMode" in document or "MixLayoutList" in document:
            kind = "params"
        else:
            kind = "video" if "LayoutParams" in document else "body"
        yield from _walk(document, kind, "$", _KINDS[source])


def _walk(value: object, kind: str, path: str, kinds: Mapping[str, _Fields]) -> Iterator[str]:
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _walk(entry, kind, f"{path}[{number}]", kinds)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name not in kinds[kind]:
                yield f"{path}.{name}"
            elif (below := kinds[kind][name]) is not None:
                yield from _walk(part, below, f"{path}.{name}", kinds)
