"""Where recordings are kept: the data types both dialects share, and publishing's newer ones.

Names, types, ranges and defaults are those of the API's data types of the same name (revision of 2025-03);
a field marked `NEWER`, and every type whose name starts with `Mcu`, is only in newer SDKs.
"""

from typing import Annotated, Literal

from pydantic import Field

from layoutkit.wire.model import NEWER, Choice, Filled, Maybe, WireModel

_Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*$")]


class CloudStorage(WireModel):
    """A bucket and the account that may write to it."""

    Vendor: Choice[Literal[0, 1]] = Field(description="0 Tencent COS, 1 AWS.")
    Region: Filled = Field(description="The bucket's region, as the vendor names it.")
    Bucket: Filled = Field(description="Name of the bucket.")
    AccessKey: Filled = Field(description="The account's access key.")
    SecretKey: Filled = Field(description="The account's secret key.")
    FileNamePrefix: Maybe[list[_Word]] = Field(
        default=None, description="Folders in the bucket, outermost first: letters, digits, _ and -."
    )


class TencentVod(WireModel):
    """How files are kept in Tencent VOD."""

    Procedure: Maybe[str] = Field(default=None, description="Name of the task flow to run on each file.")
    ExpireTime: Maybe[int] = Field(
        default=None, ge=0, description="How long a file is kept, seconds; 0 for ever."
    )
    StorageRegion: Maybe[str] = Field(default=None, description="Region to keep the files in.")
    ClassId: int = Field(default=0, description="Id of the category; 0 none in particular.")
    SubAppId: Maybe[int] = Field(default=None, description="Id of the VOD subapplication.")
    SessionContext: Maybe[str] = Field(default=None, description="Text handed through the task flow.")
    SourceContext: Maybe[str] = Field(default=None, description="Text handed through the upload.")
    MediaType: Choice[Literal[0, 1, 2, 3, 4]] = Field(
        default=0, description="0 MP4, 1 HLS, 2 AAC (sound-only recordings), 3 HLS and MP4, 4 HLS and AAC."
    )
    UserDefineRecordId: Maybe[_Word] = Field(
        default=None,
        max_length=64,
        description="Start of the file names: letters, digits, _ and -, at most 64 bytes.",
    )


_TencentVod = TencentVod


class CloudVod(WireModel):
    """Storage in Tencent VOD."""

    TencentVod: Maybe[_TencentVod] = Field(default=None, description="How files are kept there.")


_CloudStorage = CloudStorage
_CloudVod = CloudVod


class StorageParams(WireModel):
    """Where the files of a recording go: a bucket or Tencent VOD."""

    CloudStorage: Maybe[_CloudStorage] = Field(default=None, description="A bucket.")
    CloudVod: Maybe[_CloudVod] = Field(default=None, description="Tencent VOD.")


class McuTencentVod(WireModel):
    """How files of a published mix are kept in Tencent VOD."""

    Procedure: Maybe[str] = Field(
        default=None, description="Name of the task flow to run on each file.", json_schema_extra=NEWER
    )
    ExpireTime: Maybe[int] = Field(
        default=None,
        ge=0,
        description="How long a file is kept, seconds; 0 for ever.",
        json_schema_extra=NEWER,
    )
    StorageRegion: Maybe[str] = Field(
        default=None, description="Region to keep the files in.", json_schema_extra=NEWER
    )
    ClassId: int = Field(
        default=0, description="Id of the category; 0 none in particular.", json_schema_extra=NEWER
    )
    SubAppId: Maybe[int] = Field(
        default=None, description="Id of the VOD subapplication.", json_schema_extra=NEWER
    )
    SessionContext: Maybe[str] = Field(
        default=None, description="Text handed through the task flow.", json_schema_extra=NEWER
    )
    SourceContext: Maybe[str] = Field(
        default=None, description="Text handed through the upload.", json_schema_extra=NEWER
    )


_McuTencentVod = McuTencentVod


class McuCloudVod(WireModel):
    """Storage of a published mix in Tencent VOD."""

    McuTencentVod: Maybe[_McuTencentVod] = Field(
        default=None, description="How files are kept there.", json_schema_extra=NEWER
    )


_McuCloudVod = McuCloudVod


class McuStorageParams(WireModel):
    """Where the files of a published mix go: a bucket or Tencent VOD."""

    CloudStorage: Maybe[_CloudStorage] = Field(default=None, description="A bucket.", json_schema_extra=NEWER)
    McuCloudVod: Maybe[_McuCloudVod] = Field(
        default=None, description="Tencent VOD.", json_schema_extra=NEWER
    )


_McuStorageParams = McuStorageParams


class McuRecordParams(WireModel):
    """How a published mix is recorded; all but UniRecord and RecordKey only with UniRecord 3."""

    UniRecord: Maybe[Choice[Literal[0, 1, 2, 3]]] = Field(
        default=None,
        description="1 not recorded, 2 recorded as the console says, 3 as said here; 0 is undefined.",
        json_schema_extra=NEWER,
    )
    RecordKey: Maybe[_Word] = Field(
        default=None,
        max_length=128,
        description="Key that joins several mixes into one recording: letters, digits, _ and -, up to 128.",
        json_schema_extra=NEWER,
    )
    RecordWaitTime: int = Field(
        default=30,
        ge=5,
        le=86_400,
        description="How long an idle recording goes on, seconds.",
        json_schema_extra=NEWER,
    )
    RecordFormat: Maybe[list[Literal["hls", "mp4", "aac"]]] = Field(
        default=None,
        description="File formats, mp4 where absent; mp4 and aac exclude each other.",
        json_schema_extra=NEWER,
    )
    MaxMediaFileDuration: int = Field(
        default=1440, ge=1, le=1440, description="Longest file, minutes.", json_schema_extra=NEWER
    )
    StreamType: Choice[Literal[0, 1, 2]] = Field(
        default=0, description="0 sound and picture, 1 sound, 2 picture.", json_schema_extra=NEWER
    )
    UserDefineRecordPrefix: Maybe[_Word] = Field(
        default=None,
        max_length=64,
        description="Start of the file names in VOD: letters, digits, _ and -, at most 64 bytes.",
        json_schema_extra=NEWER,
    )
    McuStorageParams: Maybe[_McuStorageParams] = Field(
        default=None, description="Where the files go.", json_schema_extra=NEWER
    )
