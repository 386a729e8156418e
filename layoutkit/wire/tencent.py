"""The official SDK's objects and its client: the one module that needs the extra `tencent`.

Source: package tencentcloud-sdk-python-trtc, models and client of API version 2019-07-22.
"""

import configparser
import re
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
        SourceError: the SDK finds no credentials, or cannot say the body.
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
    client = trtc_client.TrtcClient(_credential(), region, ClientProfile(httpProfile=http))
    try:
        answer = getattr(client, action)(request)
    except TencentCloudSDKException as error:
        if error.code == "ClientNetworkError":
            where = host or "the service"
            reason = _reason(str(error.message))
            raise RefusedError(f"{action}: {where} cannot be reached: {reason}") from error
        known = f" (request {error.requestId})" if error.requestId else ""
        raise RefusedError(f"{action}: {error.code}: {error.message}{known}") from error
    return str(answer.TaskId)


def _credential() -> Any:
    """What the first of the SDK's own steps finds: environment, file, role of a container.

    The role of a cloud machine is left out: the SDK asks the machine's metadata host for it, sets no time
    limit, and so would hang wherever there is no such host.
    """
    for step in (
        credential.EnvironmentVariableCredential,
        credential.ProfileCredential,
        credential.DefaultTkeOIDCRoleArnProvider,
    ):
        try:
            found = step().get_credential()
        except OSError:
            continue  # the last step says so where it is in no container
        except (configparser.Error, AttributeError, ValueError) as error:
            # A file without [default] leaves the SDK's own attributes unset.
            raise SourceError(
                "the file of credentials cannot be read: a section [default] has secret_id and secret_key"
            ) from error
        if found is not None:
            return found
    raise SourceError(
        "no credentials: set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, "
        "or write ~/.tencentcloud/credentials"
    )


def _reason(message: str) -> str:
    """The end of a chain of the HTTP client's errors."""
    if "timed out" in message:
        return f"no answer within {TIMEOUT_S} s"
    system = re.search(r"\[Errno -?\d+\] ([^\"')\]]+)", message)
    return system[1] if system else message
