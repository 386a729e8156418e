"""What all request models share: JSON types taken as they are, and back to JSON unchanged."""

from typing import Annotated, Any, Final, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema


class WireModel(BaseModel):
    """A data type of the API. Field names are the API's own.

    Nothing is coerced. Fields that the API does not know are kept in `model_extra`, so that a body can be
    looked at in spite of them; `layoutkit.wire.check` reports them. `model_fields_set` tells a field that
    was passed from one that took its default.
    """

    model_config = ConfigDict(strict=True, extra="allow", frozen=True, defer_build=True)


NEWER: Final[dict[str, Any]] = {"x-newer": True}
"""`json_schema_extra` of a field that the 2025-03 documentation lacks and the SDK (3.1.177) knows."""

_T = TypeVar("_T")
_Model = TypeVar("_Model", bound=WireModel)


class _NotNull:
    """Takes the null out of `T | None`: None in a model says absent, and JSON's null is a type error."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        schema = handler(source)
        assert schema["type"] == "nullable"
        return cast(core_schema.CoreSchema, schema["schema"])


Maybe = Annotated[_T | None, _NotNull()]
"""The type of a field that may be absent and for which the API names no default."""


class _Integer:
    """Keeps true and 1.0 out of `Literal[1]`, which lets in whatever is equal."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.chain_schema([core_schema.int_schema(strict=True), handler(source)])

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(cast(core_schema.ChainSchema, schema)["steps"][1])


Choice = Annotated[_T, _Integer()]
"""The type of a field that takes one of some integers: `Choice[Literal[0, 1]]`."""

Filled = Annotated[str, Field(min_length=1)]
"""The type of a text that is required, and so says something."""


def from_wire(model: type[_Model], data: object) -> _Model:
    """A model from parsed JSON; `to_wire` of it is equal to `data`, field order included.

    Raises:
        pydantic.ValidationError: the data does not have the model's types or breaks its ranges.
    """
    value = model.model_validate(data)
    _keep_order(value, data)
    return value


def to_wire(value: WireModel) -> dict[str, Any]:
    """Plain JSON values: the fields that were set and no others, in the order they had in the document."""
    return value.model_dump(exclude_unset=True)


def _keep_order(value: object, data: object) -> None:
    """Put the fields of a model into the order of `data`: a dump follows the order of `__dict__`."""
    if isinstance(value, WireModel) and isinstance(data, dict):
        fields = value.__dict__
        ordered = {name: fields[name] for name in data if name in fields}
        ordered.update(fields)
        fields.clear()
        fields.update(ordered)
        for name, part in data.items():
            if isinstance(part, dict | list):
                _keep_order(fields.get(name), part)
    elif isinstance(value, list) and isinstance(data, list):
        for one, part in zip(value, data, strict=True):
            _keep_order(one, part)
