"""`payload`: a layout as the service's JSON, the layout parameters alone or a whole body."""

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from layoutkit.cli.options import (
    AlignOption,
    CanvasOption,
    LastRowOption,
    RoundingOption,
    ServiceOption,
    SourceArgument,
    StageOption,
    StageSideOption,
    UsersOption,
    load_layout,
    refuse,
    tell,
)
from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Service
from layoutkit.geometry.scene import Background
from layoutkit.source import service_of

if TYPE_CHECKING:
    from layoutkit.wire.losses import Paths

ActionOption = Annotated[
    Literal["StartPublishCdnStream", "UpdatePublishCdnStream", "CreateCloudRecording", "ModifyCloudRecording"]
    | None,
    typer.Option("--action", help="Print a whole body for this action"),
]

_OPTIONS = {"cdn_urls": "--cdn-url", "vod_expire_s": "--vod-expire"}
"""Facts whose option is not called as they are."""


def register(app: typer.Typer) -> None:
    app.command()(payload)


def payload(
    source: SourceArgument,
    users: UsersOption = None,
    canvas: CanvasOption = None,
    service: ServiceOption = None,
    stage: StageOption = None,
    rounding: RoundingOption = None,
    align: AlignOption = None,
    last_row: LastRowOption = None,
    stage_side: StageSideOption = None,
    dynamic: Annotated[
        bool, typer.Option("--dynamic", help="Ask for the template by name instead of listing its windows")
    ] = False,
    unnamed: Annotated[
        bool, typer.Option("--unnamed", help="Leave the listed windows to whoever enters, in that order")
    ] = False,
    action: ActionOption = None,
    sdk_app_id: Annotated[int | None, typer.Option(help="The application's id")] = None,
    room: Annotated[str | None, typer.Option(help="Id of the room whose streams are mixed")] = None,
    room_type: Annotated[
        Literal["integer", "string"], typer.Option(help="What kind of id --room is")
    ] = "integer",
    agent: Annotated[str | None, typer.Option(help="User id of the robot that fetches the streams")] = None,
    user_sig: Annotated[
        str | None, typer.Option(envvar="LAYOUTKIT_USER_SIG", help="The robot's signature")
    ] = None,
    cdn_url: Annotated[list[str] | None, typer.Option(help="Where a published mix goes; repeatable")] = None,
    task: Annotated[str | None, typer.Option(help="Id of the running task to change")] = None,
    sequence: Annotated[int | None, typer.Option(help="Number of the change; must grow")] = None,
    vod_expire: Annotated[
        int | None, typer.Option(help="Seconds a recording is kept in Tencent VOD; 0 for ever")
    ] = None,
) -> None:
    """Print a layout as the service's layout parameters, or with --action as a whole body, JSON."""
    from layoutkit.geometry.seating import Room
    from layoutkit.wire.losses import losses, sayable
    from layoutkit.wire.params import to_layout_params

    if dynamic and unnamed:
        raise SourceError("--dynamic lists no windows, so --unnamed means nothing with it")
    if action is None:
        # Not --room, which tells whose room the users are in, and not what an environment says.
        foreign = {"sdk_app_id": sdk_app_id, "agent": agent, "cdn_url": cdn_url, "task": task}
        refuse({**foreign, "sequence": sequence, "vod_expire": vod_expire}, without="--action")
    else:
        told: Literal["publish", "recording"] = "publish" if "Publish" in action else "recording"
        if service not in (None, told):
            raise SourceError(f"--service {service}: {action} is of {told}")
        service = told
    service = service or service_of(source) or "publish"
    layout = load_layout(
        source,
        users=users,
        canvas=canvas,
        service=service,
        stage=stage,
        rounding=rounding,
        align=align,
        last_row=last_row,
        stage_side=stage_side,
    )
    tell(layout)
    home = None if room is None else Room(room, room_type)
    paths = _paths(service, whole=action is not None)
    for loss in losses(layout, service, paths, room=home, dynamic=dynamic, unnamed=unnamed):
        print(f"layoutkit: lost: {loss}", file=sys.stderr)
    if not dynamic:
        layout = sayable(replace(layout, template=None), service)
    if action is None:
        if service == "publish" and (layout.watermarks or layout.background != Background()):
            print(
                "layoutkit: note: watermarks and the canvas background stand in VideoParams, outside the "
                "layout parameters; --action prints them",
                file=sys.stderr,
            )
        document = to_layout_params(layout, service=service, dynamic=dynamic, unnamed=unnamed)
    else:
        from layoutkit.wire.body import Facts, missing_facts, to_body
        from layoutkit.wire.check import check

        facts = Facts(
            sdk_app_id=sdk_app_id,
            room=room,
            room_type=room_type,
            agent=agent,
            user_sig=user_sig,
            cdn_urls=tuple(cdn_url or ()),
            task=task,
            sequence=sequence,
            vod_expire_s=vod_expire,
        )
        missing = missing_facts(action, facts)
        if missing:
            options = (_OPTIONS.get(name, "--" + name.replace("_", "-")) for name in missing)
            raise SourceError(f"{action} needs {', '.join(options)}")
        document = to_body(layout, action, facts, dynamic=dynamic, unnamed=unnamed)
        wrong = [problem for problem in check(document, action) if problem.severity == "error"]
        if wrong:
            raise SourceError("; ".join(f"{problem.path}: {problem.message}" for problem in wrong))
    print(json.dumps(document, indent=2, ensure_ascii=False))


def _paths(service: Service, *, whole: bool) -> "Paths":
    """Where the printed document keeps its parts."""
    from layoutkit.wire.losses import Paths

    if service == "publish":
        scene, params = ("$.VideoParams", "$.VideoParams.LayoutParams") if whole else ("$", "$")
    else:
        scene = params = "$.MixLayoutParams" if whole else "$"
    return Paths(service, scene, params, f"{params}.MixLayoutList")
