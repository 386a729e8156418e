"""Layout -> the layout parameters of a request: McuLayoutParams or MixLayoutParams."""

from collections.abc import Iterable
from dataclasses import replace

from layoutkit.errors import LayoutError
from layoutkit.geometry.layout import Layout, Service, Window
from layoutkit.wire import publish_scene, recording_scene
from layoutkit.wire.dialect import CUSTOM_MODE, DIALECTS, LAYOUT_MODES


def to_layout_params(
    layout: Layout,
    *,
    service: Service = "publish",
    dynamic: bool = False,
    unnamed: bool = False,
) -> dict[str, object]:
    """The layout parameters that make the service draw this layout.

    A publish dialect's canvas background and watermarks stand outside of its layout parameters and are
    left out here; a recording's stand inside and are there where they differ from the service's default.

    Args:
        layout: what is to be drawn.
        service: "publish" gives McuLayoutParams, "recording" MixLayoutParams.
        dynamic: ask for the layout's template by name instead of listing its windows.
        unnamed: list the windows without their users, so that those who enter fill them in their order.

    Returns:
        A JSON object, `{"MixLayoutMode": 4, "MixLayoutList": [...]}` unless dynamic.

    Raises:
        LayoutError: `dynamic` where the layout is not a template's or the dialect cannot ask for it, or
            a layout without a window to list.
    """
    if dynamic:
        return _template_params(layout, service)
    windows = tuple(listed_windows(layout))
    if not windows:
        raise LayoutError("the layout has no window to list; a MixLayoutList needs at least one")
    params: dict[str, object] = {"MixLayoutMode": CUSTOM_MODE}
    if service == "publish":
        params["MixLayoutList"] = [publish_scene.window_to_wire(w, unnamed=unnamed) for w in windows]
        return params
    # A recording's layers start at 0; which is above which stays.
    lift = -min(0, *(w.z_order for w in windows))
    windows = tuple(replace(w, z_order=w.z_order + lift) for w in windows)
    params["MixLayoutList"] = [recording_scene.window_to_wire(w, unnamed=unnamed) for w in windows]
    return params | recording_scene.scene_to_wire(layout)


def listed_windows(layout: Layout) -> Iterable[Window]:
    """The windows a MixLayoutList names: all but a template's stage that waits for nobody.

    The service fills an unnamed entry with the next user who enters, so an empty stage slot in the list
    would show somebody there whom the template leaves in a small window.
    """
    return (w for w in layout.windows if not (w.is_stage and w.participant is None))


def _template_params(layout: Layout, service: Service) -> dict[str, object]:
    template = layout.template
    if template is None:
        raise LayoutError("the layout is not a template's, so there is no template to ask for by name")
    params: dict[str, object] = {"MixLayoutMode": LAYOUT_MODES[template.name]}
    if template.render_mode is not None:
        numbers = DIALECTS[service].render_modes
        if template.render_mode not in numbers:
            raise LayoutError(
                f"{service} has no RenderMode for {template.render_mode}; it has {', '.join(numbers)}"
            )
        params["RenderMode"] = numbers[template.render_mode]
    if service == "publish":
        return params | publish_scene.template_to_wire(template)
    return params | recording_scene.template_to_wire(template) | recording_scene.scene_to_wire(layout)
