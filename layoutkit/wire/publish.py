"""The bodies of StartPublishCdnStream and UpdatePublishCdnStream, and their data types beside the picture's.

As in `publish_video`: the API's own names, types, ranges and defaults; `NEWER` is only in newer SDKs.
"""

from typing import Literal

from pydantic import Field

from layoutkit.wire.model import NEWER, Choice, Filled, Maybe, WireModel
from layoutkit.wire.publish_video import IdType, McuVideoParams, MixUserInfo, UserMediaStream
from layoutkit.wire.storage import McuRecordParams

_Region = Literal["ap-guangzhou", "ap-hongkong", "ap-singapore"]
_Version = Literal["2019-07-22"]

_UserMediaStream = UserMediaStream  # a field of the same name hides the class inside a model


class AgentParams(WireModel):
    """The robot that enters the room to fetch the streams."""

    UserId: Filled = Field(description="The robot's user id, one that nobody in the room has.")
    UserSig: Maybe[str] = Field(default=None, description="The robot's signature for entering the room.")
    MaxIdleTime: int = Field(
        default=30,
        ge=5,
        le=86_400,
        description="How long the task goes on after all its users left, seconds.",
    )


class AudioEncode(WireModel):
    """Encoding of a published mix's sound."""

    SampleRate: Choice[Literal[48000, 44100, 32000, 24000, 16000, 8000]] = Field(
        description="Samples a second, Hz; with Codec 1 or 2 not 8000."
    )
    Channel: Choice[Literal[1, 2]] = Field(description="Channels: 1 mono, 2 stereo; with Codec 2 only 2.")
    BitRate: int = Field(ge=8, le=500, description="Bit rate, kbit/s.")
    Codec: Choice[Literal[0, 1, 2]] = Field(default=0, description="0 LC-AAC, 1 HE-AAC, 2 HE-AAC v2.")


class McuUserInfoParams(WireModel):
    """An entry of an audio list."""

    UserInfo: MixUserInfo = Field(description="The user.")
    SoundLevel: int = Field(
        default=100,
        ge=0,
        le=100,
        description="How loud the user is mixed in, percent of what they send.",
        json_schema_extra=NEWER,
    )


_AudioEncode = AudioEncode


class McuAudioParams(WireModel):
    """The sound of a published mix. Both lists may be given; who is on both is not heard."""

    AudioEncode: Maybe[_AudioEncode] = Field(
        default=None, description="Encoding of the sound. An update cannot change it."
    )
    SubscribeAudioList: Maybe[list[McuUserInfoParams]] = Field(
        default=None,
        description="Who is heard; everybody where it is absent or empty. Empty in an update clears it.",
    )
    UnSubscribeAudioList: Maybe[list[McuUserInfoParams]] = Field(
        default=None, description="Who is not heard; nobody where it is absent. Empty in an update clears it."
    )


class SingleSubscribeParams(WireModel):
    """The one stream that is relayed without mixing, with WithTranscoding 0."""

    UserMediaStream: _UserMediaStream = Field(description="The stream.")


class McuPublishCdnParam(WireModel):
    """A CDN address to relay to."""

    PublishCdnUrl: Filled = Field(description="The address, a URL.")
    IsTencentCdn: Choice[Literal[0, 1]] = Field(
        default=1, description="1 Tencent's own CDN, 0 another one, which costs extra."
    )


class McuLayoutVolume(WireModel):
    """SEI that tells the layout and everybody's volume; an empty object means the defaults."""

    AppData: str = Field(
        default="", max_length=4095, description="Text for the app_data field, under 4,096 characters."
    )
    PayloadType: int = Field(
        default=100, ge=100, le=254, description="Payload type of the SEI message; 244 is the service's own."
    )
    Interval: int = Field(default=1000, gt=0, description="Time between two messages, milliseconds.")
    FollowIdr: Choice[Literal[0, 1]] = Field(
        default=0, description="Whether keyframes are sure to carry the message: 1 yes, 0 no."
    )


class McuPassThrough(WireModel):
    """SEI with a payload of the user's own."""

    PayloadContent: Filled = Field(description="The payload, text.")
    PayloadType: int = Field(
        ge=5,
        le=254,
        description="Payload type of the SEI message: 5 or 100 to 254; 244 is the service's own.",
    )
    PayloadUuid: Maybe[str] = Field(
        default=None, description="The UUID in front of a type 5 payload, 32 hexadecimal digits."
    )
    Interval: int = Field(default=1000, gt=0, description="Time between two messages, milliseconds.")
    FollowIdr: Choice[Literal[0, 1]] = Field(
        default=0, description="Whether keyframes are sure to carry the message: 1 yes, 0 no."
    )


class McuSeiParams(WireModel):
    """The SEI that is put into a published mix."""

    LayoutVolume: Maybe[McuLayoutVolume] = Field(default=None, description="SEI with layout and volumes.")
    PassThrough: Maybe[McuPassThrough] = Field(default=None, description="SEI with a payload of one's own.")


class McuFeedBackRoomParams(WireModel):
    """A room that the mix is sent back to."""

    RoomId: Filled = Field(description="The room's id.")
    RoomIdType: IdType = Field(description="What kind of id RoomId is: 0 an integer, 1 a string.")
    UserId: Filled = Field(description="User id of the robot that sends, one that nobody in the room has.")
    UserSig: Filled = Field(description="The robot's signature for entering the room.")


_AgentParams = AgentParams
_SingleSubscribeParams = SingleSubscribeParams


class StartPublishCdnStream(WireModel):
    """The request that starts mixing streams and relaying the mix."""

    Action: Maybe[Literal["StartPublishCdnStream"]] = Field(
        default=None, description="Name of the action, a common parameter."
    )
    Version: Maybe[_Version] = Field(default=None, description="API version, a common parameter.")
    Region: Maybe[_Region] = Field(
        default=None, description="Where the request is handled, a common parameter."
    )
    SdkAppId: int = Field(description="Id of the application the room belongs to.")
    RoomId: Filled = Field(description="The main room's id.")
    RoomIdType: IdType = Field(description="What kind of id RoomId is: 0 an integer, 1 a string.")
    AgentParams: _AgentParams = Field(description="The robot that fetches the streams.")
    WithTranscoding: Choice[Literal[0, 1]] = Field(
        description="1 mixed or encoded anew, 0 one stream relayed as it is."
    )
    AudioParams: Maybe[McuAudioParams] = Field(
        default=None, description="The sound; needed when a task starts, although it is marked optional."
    )
    VideoParams: Maybe[McuVideoParams] = Field(
        default=None, description="The picture; without it only sound is relayed."
    )
    SingleSubscribeParams: Maybe[_SingleSubscribeParams] = Field(
        default=None, description="The one stream to relay where nothing is mixed."
    )
    PublishCdnParams: Maybe[list[McuPublishCdnParam]] = Field(
        default=None, max_length=10, description="The CDN addresses, at most 10; these or FeedBackRoomParams."
    )
    SeiParams: Maybe[McuSeiParams] = Field(default=None, description="SEI to put into the mix.")
    FeedBackRoomParams: Maybe[list[McuFeedBackRoomParams]] = Field(
        default=None,
        max_length=10,
        description="The rooms to send to, at most 10; these or PublishCdnParams.",
    )
    RecordParams: Maybe[McuRecordParams] = Field(
        default=None, description="How the published mix is recorded.", json_schema_extra=NEWER
    )


class UpdatePublishCdnStream(WireModel):
    """The request that changes a running task; what it does not carry stays as it is."""

    Action: Maybe[Literal["UpdatePublishCdnStream"]] = Field(
        default=None, description="Name of the action, a common parameter."
    )
    Version: Maybe[_Version] = Field(default=None, description="API version, a common parameter.")
    Region: Maybe[_Region] = Field(
        default=None, description="Where the request is handled, a common parameter."
    )
    SdkAppId: int = Field(description="Id of the application the task belongs to.")
    TaskId: Filled = Field(description="The task's id, from the answer to the start.")
    SequenceNumber: int = Field(description="A count that must grow from update to update of a task.")
    WithTranscoding: Choice[Literal[0, 1]] = Field(
        description="1 mixed or encoded anew, 0 one stream relayed as it is."
    )
    AudioParams: Maybe[McuAudioParams] = Field(default=None, description="Who is heard from now on.")
    VideoParams: Maybe[McuVideoParams] = Field(
        default=None, description="The picture from now on, encoding excepted; only with WithTranscoding 1."
    )
    SingleSubscribeParams: Maybe[_SingleSubscribeParams] = Field(
        default=None, description="The one stream from now on; only with WithTranscoding 0."
    )
    PublishCdnParams: Maybe[list[McuPublishCdnParam]] = Field(
        default=None, max_length=10, description="The CDN addresses from now on, at most 10."
    )
    SeiParams: Maybe[McuSeiParams] = Field(default=None, description="SEI from now on.")
    FeedBackRoomParams: Maybe[list[McuFeedBackRoomParams]] = Field(
        default=None, max_length=10, description="The rooms to send to from now on, at most 10."
    )
