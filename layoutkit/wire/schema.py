"""The models by action, and the JSON Schema of each."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from layoutkit.geometry.layout import Service
from layoutkit.wire.model import WireModel
from layoutkit.wire.publish import StartPublishCdnStream, UpdatePublishCdnStream
from layoutkit.wire.recording import CreateCloudRecording, ModifyCloudRecording

MODELS: Final[Mapping[str, type[WireModel]]] = {
    "StartPublishCdnStream": StartPublishCdnStream,
    "UpdatePublishCdnStream": UpdatePublishCdnStream,
    "CreateCloudRecording": CreateCloudRecording,
    "ModifyCloudRecording": ModifyCloudRecording,
}

SERVICES: Final[Mapping[str, Service]] = {
    "StartPublishCdnStream": "publish",
    "UpdatePublishCdnStream": "publish",
    "CreateCloudRecording": "recording",
    "ModifyCloudRecording": "recording",
}


class _Schema(GenerateJsonSchema):
    """Absent is not null: a default of None is left out. Unknown fields are errors."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made["additionalProperties"] = False
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema(action: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of an action's body; each description ends with its source.

    Raises:
        KeyError: not one of the four actions.
    """
    made = MODELS[action].model_json_schema(schema_generator=_Schema)
    for name, kind in [(action, made), *made.get("$defs", {}).items()]:
        for field, about in kind["properties"].items():
            source = "newer SDK" if about.get("x-newer") else "API 2025-03"
            about["description"] = f"{about['description']} ({name}.{field}, {source})"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
