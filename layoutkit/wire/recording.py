"""The bodies of CreateCloudRecording and ModifyCloudRecording, and their data types beside the picture's.

As in `recording_layout`: the API's own names, types, ranges and defaults; `NEWER` is only in newer SDKs.
"""

from typing import Annotated, Literal

from pydantic import Field

from layoutkit.wire.model import NEWER, Choice, Filled, Maybe, WireModel
from layoutkit.wire.recording_layout import MixLayoutParams
from layoutkit.wire.storage import StorageParams

_Region = Literal["ap-beijing", "ap-guangzhou", "ap-mumbai", "ap-shanghai", "ap-singapore"]
_Version = Literal["2019-07-22"]
_Users = Annotated[list[str], Field(max_length=32)]

_MixLayoutParams = MixLayoutParams  # a field of the same name hides the class inside a model
_StorageParams = StorageParams


class SubscribeStreamUserIds(WireModel):
    """Who is recorded. A list to allow and a list to block exclude each other; `.*$` ends a prefix."""

    SubscribeAudioUserIds: Maybe[_Users] = Field(
        default=None, description="Who is heard, at most 32 entries; everybody where it is absent or empty."
    )
    UnSubscribeAudioUserIds: Maybe[_Users] = Field(
        default=None, description="Who is not heard, at most 32 entries; nobody where it is absent or empty."
    )
    SubscribeVideoUserIds: Maybe[_Users] = Field(
        default=None, description="Who is seen, at most 32 entries; everybody where it is absent or empty."
    )
    UnSubscribeVideoUserIds: Maybe[_Users] = Field(
        default=None, description="Who is not seen, at most 32 entries; nobody where it is absent or empty."
    )


_SubscribeStreamUserIds = SubscribeStreamUserIds


class RecordParams(WireModel):
    """What is recorded and how the files are cut."""

    RecordMode: Choice[Literal[1, 2]] = Field(description="1 each stream by itself, 2 one mix of all.")
    MaxIdleTime: int = Field(
        default=30, ge=5, le=86_400, description="How long recording goes on with nobody sending, seconds."
    )
    StreamType: Choice[Literal[0, 1, 2]] = Field(
        default=0, description="0 sound and picture, 1 sound, 2 picture."
    )
    SubscribeStreamUserIds: Maybe[_SubscribeStreamUserIds] = Field(
        default=None, description="Who is recorded."
    )
    OutputFormat: Choice[Literal[0, 1, 2, 3, 4]] = Field(
        default=0,
        description="Files in a bucket: 0 HLS, 1 HLS and MP4, 2 HLS and AAC, 3 MP4, 4 AAC. Not for VOD.",
    )
    AvMerge: Choice[Literal[0, 1]] = Field(
        default=0, description="Whether sound and picture of a single stream share a file: 0 no, 1 yes."
    )
    MaxMediaFileDuration: int = Field(
        default=1440, ge=1, le=1440, description="Longest MP4 or AAC file, minutes; not for HLS."
    )
    MediaId: Choice[Literal[0, 1, 2]] = Field(
        default=0, description="Which streams: 0 camera and screen, 1 camera, 2 screen."
    )
    FillType: Maybe[Choice[Literal[0, 1]]] = Field(
        default=None,
        description="What fills in for video that stopped: 0 its last picture, 1 black.",
        json_schema_extra=NEWER,
    )
    SubscribeAbility: Choice[Literal[0, 1]] = Field(
        default=0,
        description="Whether robots that send mixes back are recorded: 0 no, 1 yes.",
        json_schema_extra=NEWER,
    )


class VideoParams(WireModel):
    """Encoding of a mixed recording's video; its size is the canvas, 360x640 where it is absent."""

    Width: int = Field(gt=0, le=1920, description="Width of the canvas, pixels.")
    Height: int = Field(
        gt=0, le=1920, description="Height of the canvas, pixels; times Width at most 1920 x 1080."
    )
    Fps: int = Field(ge=1, le=60, description="Frame rate, frames a second.")
    BitRate: int = Field(ge=64_000, le=8_192_000, description="Bit rate, bit/s.")
    Gop: int = Field(gt=0, description="Time between keyframes, seconds.")


class AudioParams(WireModel):
    """Encoding of a mixed recording's sound."""

    SampleRate: Choice[Literal[1, 2, 3]] = Field(description="1 48000 Hz, 2 44100 Hz, 3 16000 Hz.")
    Channel: Choice[Literal[1, 2]] = Field(description="Channels: 1 mono, 2 stereo.")
    BitRate: int = Field(ge=32_000, le=128_000, description="Bit rate, bit/s.")


_VideoParams = VideoParams
_AudioParams = AudioParams


class MixTranscodeParams(WireModel):
    """Encoding of a mixed recording."""

    VideoParams: Maybe[_VideoParams] = Field(default=None, description="The video's.")
    AudioParams: Maybe[_AudioParams] = Field(default=None, description="The sound's.")


_RecordParams = RecordParams
_MixTranscodeParams = MixTranscodeParams


class CreateCloudRecording(WireModel):
    """The request that starts a recording."""

    Action: Maybe[Literal["CreateCloudRecording"]] = Field(
        default=None, description="Name of the action, a common parameter."
    )
    Version: Maybe[_Version] = Field(default=None, description="API version, a common parameter.")
    Region: Maybe[_Region] = Field(
        default=None, description="Where the request is handled, a common parameter."
    )
    SdkAppId: int = Field(description="Id of the application the room belongs to.")
    RoomId: Filled = Field(description="The room's id.")
    UserId: Filled = Field(description="User id of the recording robot, one that nobody in the room has.")
    UserSig: Filled = Field(description="The robot's signature for entering the room.")
    RecordParams: _RecordParams = Field(description="What is recorded.")
    StorageParams: _StorageParams = Field(description="Where the files go.")
    RoomIdType: Choice[Literal[0, 1]] = Field(
        default=1, description="What kind of id RoomId is: 0 a string, 1 a 32-bit integer."
    )
    MixTranscodeParams: Maybe[_MixTranscodeParams] = Field(
        default=None, description="Encoding of the mix; only with RecordMode 2."
    )
    MixLayoutParams: Maybe[_MixLayoutParams] = Field(default=None, description="Layout of a mixed recording.")
    ResourceExpiredHour: int = Field(
        default=72, ge=6, le=720, description="How long the task takes requests after its start, hours."
    )
    PrivateMapKey: Maybe[str] = Field(
        default=None, description="Ticket for the room where advanced permission control is on."
    )


class ModifyCloudRecording(WireModel):
    """The request that changes a running recording; all it can say is replaced, what is absent too."""

    Action: Maybe[Literal["ModifyCloudRecording"]] = Field(
        default=None, description="Name of the action, a common parameter."
    )
    Version: Maybe[_Version] = Field(default=None, description="API version, a common parameter.")
    Region: Maybe[_Region] = Field(
        default=None, description="Where the request is handled, a common parameter."
    )
    SdkAppId: int = Field(description="Id of the application the task belongs to.")
    TaskId: Filled = Field(description="The task's id, from the answer to the start.")
    MixLayoutParams: Maybe[_MixLayoutParams] = Field(default=None, description="The layout from now on.")
    SubscribeStreamUserIds: Maybe[_SubscribeStreamUserIds] = Field(
        default=None, description="Who is recorded from now on."
    )
