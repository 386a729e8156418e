"""`send`: a checked body to the service, through the official SDK; and the end of a task."""

import sys
from typing import Annotated, Literal, cast

import typer

from layoutkit.cli.options import refuse
from layoutkit.errors import RefusedError, SourceError


def register(app: typer.Typer) -> None:
    app.command()(send)


def send(
    file: Annotated[str | None, typer.Argument(metavar="BODY.json", help="A body, or -")] = None,
    region: Annotated[str | None, typer.Option(help="Where it is handled, as in ap-singapore")] = None,
    action: Annotated[str | None, typer.Option(help="The action, where the body does not tell")] = None,
    stop: Annotated[str | None, typer.Option(help="Stop this task instead", metavar="TASK")] = None,
    service: Annotated[
        Literal["publish", "recording"] | None, typer.Option(help="With --stop: which kind of task it is")
    ] = None,
    sdk_app_id: Annotated[int | None, typer.Option(help="With --stop: the application's id")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="Another host than the service's own", metavar="HOST")
    ] = None,
) -> None:
    """Send a body after it validated, and print the TaskId. A task costs money until --stop TASK.

    Credentials come from the official SDK's own chain: TENCENTCLOUD_SECRET_ID and
    TENCENTCLOUD_SECRET_KEY, ~/.tencentcloud/credentials, or the role of a TKE container.
    """
    if (file is None) == (stop is None):
        raise SourceError("send takes either BODY.json or --stop TASK")
    if stop is None:
        refuse({"service": service, "sdk_app_id": sdk_app_id}, without="--stop")
    elif action is not None:
        raise SourceError(f"--action {action}: --stop tells the action by --service")
    try:
        from layoutkit.wire import tencent
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("tencentcloud"):
            raise
        raise SourceError("send needs the official SDK: pip install 'layoutkit[tencent]'") from None
    if stop is not None:
        if sdk_app_id is None or service is None or region is None:
            raise SourceError("--stop needs --sdk-app-id, --service and --region")
        print(
            tencent.stop(
                stop,
                sdk_app_id=sdk_app_id,
                recording=service == "recording",
                region=region,
                endpoint=endpoint,
            )
        )
        return
    from layoutkit.source import read_json
    from layoutkit.wire.body import Action
    from layoutkit.wire.check import check
    from layoutkit.wire.document import unwrap

    assert file is not None
    body = read_json(file)
    inner, _, name = unwrap(body, action, file)
    where = region or inner.get("Region") or (body.get("Region") if isinstance(body, dict) else None)
    if not isinstance(where, str):
        raise SourceError("--region is missing, and the body names none")
    problems = check({**inner, "Region": where}, name)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        first, rest = errors[0], len(errors) - 1
        more = f" (and {rest} more; `layoutkit validate` lists all)" if rest else ""
        raise RefusedError(f"{file}: not sent: {first.path}: {first.message}{more}")
    for problem in problems:
        if problem.severity == "warning":
            print(f"layoutkit: warning: {problem.path}: {problem.message}", file=sys.stderr)
    print(tencent.send(inner, cast(Action, name), region=where, endpoint=endpoint))
