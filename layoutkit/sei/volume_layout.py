"""The volume-layout payload: who stands where in the mixed picture, and how loud they are.

Source: the API's description of SeiParams, "the content of the volume layout SEI"; payload type 100 unless
the request says otherwise. Payloads of near relatives are read as far as they fit, and say whose they are.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Layout, Participant, Shows, Window
from layoutkit.geometry.rect import MAX_SIDE, Rect, Size
from layoutkit.sei.limits import DEFAULT_TYPE as DEFAULT_TYPE
from layoutkit.sei.limits import MAX_APP_DATA, MAX_REGIONS, MILLISECONDS_FROM
from layoutkit.sei.strict_json import decode

Dialect = Literal["tencent", "agora", "bytedance", "aliyun"]

_BYTEDANCE_PREFIX = "JSON"
_RELATIVE_VOLUME = 255
"""Loudest volume in a relative's payload (Agora's audio volume indication goes to 255)."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Size of the mixed picture, pixels. `extra`: keys beyond the service's own."""

    w: int
    h: int
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Region:
    """A user who sends video and where they stand, in pixels of the canvas. `volume`: 0 to 100."""

    uid: str
    x: int
    y: int
    w: int
    h: int
    zorder: int = 0
    volume: int = 0
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class VolumeLayout:
    """One volume-layout payload.

    Attributes:
        ts: the server's clock when it was sent, seconds since 1970.
        app_data: what the request asked to be embedded, under 4,096 characters.
        extra: keys beyond the service's own.
        dialect: "tencent" for the service's own form, else the relative it was read from.
    """

    canvas: Canvas
    regions: tuple[Region, ...]
    ts: int = 0
    app_data: str = ""
    ver: str = "1.0"
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)
    dialect: Dialect = "tencent"

    @classmethod
    def parse(cls, payload: bytes) -> "VolumeLayout":
        """Read a payload.

        Raises:
            SourceError: not JSON, or not a volume layout; the message names every problem with its path.
        """
        try:
            text = payload.decode()
        except UnicodeDecodeError as error:
            raise SourceError(f"volume layout: byte {error.start} is not UTF-8") from error
        prefixed = text.startswith(_BYTEDANCE_PREFIX)
        try:
            document = decode(text.removeprefix(_BYTEDANCE_PREFIX).rstrip("\x00"))
        except ValueError as error:
            raise SourceError(f"volume layout: {error}") from error
        return cls.from_json(document, dialect="bytedance" if prefixed else None)

    @classmethod
    def from_json(cls, document: object, *, dialect: Dialect | None = None) -> "VolumeLayout":
        """Read a decoded JSON document; `dialect` where something beside the document told it.

        Raises:
            SourceError: not a volume layout; the message names every problem with its path.
        """
        reading = _Reading(dialect)
        layout = reading.layout(document)
        if layout is None or reading.problems:
            raise SourceError("volume layout: " + "; ".join(reading.problems))
        return layout

    def to_json(self) -> dict[str, object]:
        """The document in the service's own form and order of keys, what was beyond it behind that.

        One that was read from a relative's payload has a key "dialect" that says so.
        """
        document: dict[str, object] = {
            "app_data": self.app_data,
            "canvas": {"w": self.canvas.w, "h": self.canvas.h, **self.canvas.extra},
            "regions": [
                {
                    "uid": region.uid,
                    "zorder": region.zorder,
                    "volume": region.volume,
                    "x": region.x,
                    "y": region.y,
                    "w": region.w,
                    "h": region.h,
                    **region.extra,
                }
                for region in self.regions
            ],
            "ver": self.ver,
            "ts": self.ts,
            **self.extra,
        }
        return document if self.dialect == "tencent" else {**document, "dialect": self.dialect}

    def serialize(self) -> bytes:
        """The payload: compact JSON in UTF-8. The inverse of `parse`.

        Raises:
            SourceError: a value is outside what the service allows; the message names every one.
        """
        return self.serializer()(self.ts)

    def serializer(self) -> Callable[[int], bytes]:
        """What serializes this layout with other `ts`, of which there may be many: it is checked once.

        Raises:
            SourceError: a value is outside what the service allows; the message names every one.
        """
        document = self.to_json()
        reading = _Reading(self.dialect)
        reading.layout(document)
        if reading.problems:
            raise SourceError("volume layout: " + "; ".join(reading.problems))

        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

        def serialize(ts: int) -> bytes:
            document["ts"] = ts
            text = encode(document)
            try:
                return text.encode()
            except UnicodeEncodeError:  # half a surrogate pair, which only an escape can carry
                return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()

        return serialize

    def to_layout(self) -> Layout:
        """The canvas and its windows, one for each region in its order."""
        return Layout(
            Size(self.canvas.w, self.canvas.h),
            tuple(
                Window(
                    Rect(region.x, region.y, region.w, region.h),
                    participant=Participant(region.uid),
                    z_order=region.zorder,
                )
                for region in self.regions
            ),
        )

    @classmethod
    def from_layout(
        cls, layout: Layout, *, volumes: Mapping[str, int] | None = None, ts: int, app_data: str = ""
    ) -> "VolumeLayout":
        """What the service would send for this layout: a region for each participant shown with video.

        Args:
            volumes: user id to 0-100; a user it does not name is silent, 0.
            ts: seconds since 1970.
        """
        heard = volumes or {}
        return cls(
            Canvas(layout.canvas.width, layout.canvas.height),
            tuple(
                Region(
                    uid=window.participant.user_id,
                    x=window.rect.x,
                    y=window.rect.y,
                    w=window.rect.width,
                    h=window.rect.height,
                    zorder=window.z_order,
                    volume=heard.get(window.participant.user_id, 0),
                )
                for window in layout.windows
                if window.participant is not None and window.shows is Shows.VIDEO
            ),
            ts=ts,
            app_data=app_data,
        )


class _Reading:
    """One walk over a document: collects every problem, and notices whose dialect it is."""

    def __init__(self, dialect: Dialect | None) -> None:
        self.dialect: Dialect | None = dialect
        self.problems: list[str] = []

    def layout(self, document: object) -> VolumeLayout | None:
        top = self._object("$", document)
        if top is None:
            return None
        told = top.pop("dialect", None)
        if told in ("agora", "bytedance", "aliyun"):
            self.dialect = told
        elif told is not None:
            top["dialect"] = told
        if "regions" not in top and isinstance(top.get("stream"), list):
            self._is_relative("aliyun")
            top["regions"] = top.pop("stream")
        ts = self._ts(top.pop("ts", 0))
        canvas = self._canvas(top.pop("canvas", None))
        regions = self._regions(top.pop("regions", None), canvas)
        app_data = self._string("$.app_data", top.pop("app_data", ""))
        if len(app_data) > MAX_APP_DATA:
            self.problems.append(f"$.app_data: {len(app_data)} characters exceed {MAX_APP_DATA}")
        ver = self._string("$.ver", top.pop("ver", "1.0"))
        if canvas is None:
            return None
        return VolumeLayout(canvas, regions, ts, app_data, ver, top, self.dialect or "tencent")

    def _canvas(self, value: object) -> Canvas | None:
        canvas = self._object("$.canvas", value)
        if canvas is None:
            return None
        width = self._integer("$.canvas.w", canvas.pop("w", None), 1, MAX_SIDE)
        height = self._integer("$.canvas.h", canvas.pop("h", None), 1, MAX_SIDE)
        if "bgnd" in canvas:
            self._is_relative("agora")
        return Canvas(width, height, extra=canvas)

    def _regions(self, value: object, canvas: Canvas | None) -> tuple[Region, ...]:
        if not isinstance(value, list):
            self.problems.append(f"$.regions: {_is_not(value, 'a list')}")
            return ()
        if len(value) > MAX_REGIONS:
            self.problems.append(f"$.regions: {len(value)} regions exceed {MAX_REGIONS}")
            return ()
        found = [self._region(f"$.regions[{number}]", each, canvas) for number, each in enumerate(value)]
        return tuple(region for region in found if region is not None)

    def _region(self, path: str, value: object, canvas: Canvas | None) -> Region | None:
        region = self._object(path, value)
        if region is None:
            return None
        if "zOrder" in region and "zorder" not in region:
            self._is_relative("agora")
            region["zorder"] = region.pop("zOrder")
        if "vol" in region and "volume" not in region:
            self._is_relative("aliyun")
            region["volume"] = region.pop("vol")
        if isinstance(region.get("uid"), int) and not isinstance(region["uid"], bool):
            self._is_relative("agora")  # known before the volume, which may be louder there
        values = {key: region.pop(key, None) for key in ("x", "y", "w", "h")}
        if canvas and any(isinstance(number, float) for number in values.values()):
            values = self._from_fractions(values, canvas)
        box = {
            key: self._integer(f"{path}.{key}", number, 1 if key in "wh" else 0, None)
            for key, number in values.items()
        }
        if canvas and canvas.w > 0 and canvas.h > 0:
            for start, length, name, side in (("x", "w", "width", canvas.w), ("y", "h", "height", canvas.h)):
                if (end := box[start] + box[length]) > side:
                    self.problems.append(
                        f"{path}: {start} {box[start]} + {length} {box[length]} = {end} "
                        f"exceeds the canvas {name} {side}"
                    )
        zorder = self._integer(f"{path}.zorder", region.pop("zorder", 0), None, None)
        loudest = _RELATIVE_VOLUME if self.dialect not in (None, "tencent") else 100
        volume = self._integer(f"{path}.volume", region.pop("volume", 0), 0, loudest)
        uid = self._uid(path, region.pop("uid", None))
        return Region(uid, box["x"], box["y"], box["w"], box["h"], zorder=zorder, volume=volume, extra=region)

    def _from_fractions(self, values: dict[str, object], canvas: Canvas) -> dict[str, object]:
        """Pixels from shares of the canvas, by their edges, so that regions that touch stay so."""
        shares = [values[key] for key in ("x", "y", "w", "h")]
        if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
            return values
        self._is_relative("bytedance")
        x, y, w, h = (float(share) for share in shares)  # type: ignore[arg-type]
        left, top = round(x * canvas.w), round(y * canvas.h)
        right, bottom = min(round((x + w) * canvas.w), canvas.w), min(round((y + h) * canvas.h), canvas.h)
        return {"x": left, "y": top, "w": max(right - left, 0), "h": max(bottom - top, 0)}

    def _uid(self, path: str, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        uid = self._string(f"{path}.uid", value)
        if value == "":
            self.problems.append(f"{path}.uid: is empty")
        return uid

    def _ts(self, value: object) -> int:
        ts = self._integer("$.ts", value, 0, None)
        if ts < MILLISECONDS_FROM:
            return ts
        if self.dialect == "tencent":
            self.problems.append(
                f"$.ts: {ts} s is {MILLISECONDS_FROM} or above, which is read as milliseconds"
            )
        self._is_relative("agora")
        return ts // 1000

    def _is_relative(self, dialect: Dialect) -> None:
        if self.dialect is None:
            self.dialect = dialect

    def _object(self, path: str, value: object) -> dict[str, object] | None:
        if isinstance(value, dict):
            return dict(value)
        self.problems.append(f"{path}: {_is_not(value, 'an object')}")
        return None

    def _string(self, path: str, value: object) -> str:
        if isinstance(value, str):
            return value
        self.problems.append(f"{path}: {_is_not(value, 'a string')}")
        return ""

    def _integer(self, path: str, value: object, low: int | None, high: int | None) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            self.problems.append(f"{path}: {_is_not(value, 'an integer')}")
            return 0
        if (low is not None and value < low) or (high is not None and value > high):
            limits = f"below {low}" if high is None else f"outside {low} to {high}"
            self.problems.append(f"{path}: {value} is {limits}")
        return value


def _is_not(value: object, wanted: str) -> str:
    """What is wrong with a value of the wrong kind; one that is long is cut to fit a line."""
    if value is None:
        return "is missing"
    text = json.dumps(value, ensure_ascii=False)
    return f"{text if len(text) <= 60 else f'{text[:57]}...'} is not {wanted}"
