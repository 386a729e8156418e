"""The official SDK's objects and its client: the one module that needs the extra `tencent`.

Source: package tencentcloud-sdk-python-trtc, models and client of API version 2019-07-22.
"""

import warnings
from collections.abc import Mapping
from typing import Any, Final

from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.trtc.v20190722 import models, trtc_client

from layoutkit.errors import RefusedError, SourceError
from layoutkit.wire.body import Action

COMMON_FIELDS: Final = ("Action", "Version", "Region")
"""Common parameters that travel as headers; the SDK's request objects do not know them."""

TIMEOUT_S: Final = 30
"""How long one request may take; a mix starts within seconds or not at all."""

_PUBLISH_STOP: Final = "StopPublishCdnStream"
_RECORDING_STOP: Final = "DeleteCloudRecording"


def to_sdk(body: Mapping[str, object], action: str) -> Any:
    """The SDK's request object for a body.

    Raises:
        SourceError: the SDK does not know the action, or a field of the body.
    """
    kind = getattr(models, f"{action}Request", None)
    if kind is None:
        raise SourceError(f"{action}: the SDK knows no such action")
    request = kind()
    fields = {name: value for name, value in body.items() if name not in COMMON_FIELDS}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            request._deserialize(fields)
        except UserWarning as warning:
            raise SourceError(f"{action}: fields that the SDK does not know: {warning}") from None
    return request


def from_sdk(request: Any) -> dict[str, object]:
    """The body of one of the SDK's request objects; what was not set is absent."""
    return dict(request._serialize(allow_none=False))


def send(body: Mapping[str, object], action: Action, *, region: str, endpoint: str | None = None) -> str:
    """Send a body and give the TaskId that the service answers with.

    Args:
        body: what is sent; `check` it first.
        action: the API's name.
        region: where the request is handled, as in `ap-singapore`.
        endpoint: another host than the service's own; `http://HOST` for one without TLS.

    Raises:
        SourceError: the SDK finds no credentials in its own chain, or cannot say the body.
        RefusedError: the service says no, or cannot be reached in time.
    """
    return _call(to_sdk(body, action), action, region, endpoint)


def stop(task: str, *, sdk_app_id: int, recording: bool, region: str, endpoint: str | None = None) -> str:
    """Stop a task by StopPublishCdnStream or DeleteCloudRecording; arguments and errors as in `send`."""
    action = _RECORDING_STOP if recording else _PUBLISH_STOP
    request = to_sdk({"SdkAppId": sdk_app_id, "TaskId": task}, action)
    return _call(request, action, region, endpoint)


def _call(request: Any, action: str, region: str, endpoint: str | None) -> str:
    scheme, separator, host = (endpoint or "").rpartition("://")
    http = HttpProfile(protocol=scheme if separator else "https", endpoint=host or None, reqTimeout=TIMEOUT_S)
    try:
        key = credential.DefaultCredentialProvider().get_credential()
    except (TencentCloudSDKException, OSError) as error:
        raise SourceError(
            "no credentials: set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, "
            "or write ~/.tencentcloud/credentials"
        ) from error
    client = trtc_client.TrtcClient(key, region, ClientProfile(httpProfile=http))
    try:
        answer = getattr(client, action)(request)
    except TencentCloudSDKException as error:
        known = f" (request {error.requestId})" if error.requestId else ""
        raise RefusedError(f"{action}: {error.code}: {error.message}{known}") from error
    return str(answer.TaskId)
