"""Compares resources with the models of Microsoft's management SDKs for Python.

A model lists the properties of a resource in exactly one API version: their names as JSON has them,
their types, known values, and whether they are required or can only be read. Two generations of
SDKs write that down differently: `_attribute_map` with types as text, and annotations with
`rest_field`. Both are private to the SDKs, so their versions have to be pinned.

What stands in a template as an expression has a value only when it is deployed, and is taken for
right; so is a name whose value is not known here.
"""

import re
from dataclasses import dataclass

SCALARS = {"str": str, "int": int, "bool": bool, "float": (int, float)}


@dataclass(frozen=True)
class Property:
    """One property of a model. `kind` is a type's name, known values (a tuple), or the properties
    of an object that has no model of its own (a dict)."""
    kind: object
    read_only: bool = False
    required: bool = False


def properties(models, model):
    """All properties of a model by their names in JSON."""
    return of_map(model) if hasattr(model, "_attribute_map") else of_annotations(model)


def of_map(model):
    """The older SDKs. A dot in a key is an object in between."""
    found, rules = {}, getattr(model, "_validation", {})
    for attribute, entry in model._attribute_map.items():
        *path, name = re.split(r"(?<!\\)\.", entry["key"])
        at = found
        for part in path:
            at = at.setdefault(part, Property({})).kind
        rule = rules.get(attribute, {})
        read_only = bool(rule.get("readonly"))
        kind = known_values(model, attribute) or entry["type"]
        at[name] = Property(kind, read_only, bool(rule.get("required")) and not read_only)
    return found


def known_values(model, attribute):
    """Known values of an older model stand in its documentation only."""
    pattern = rf":(?:ivar|param) {attribute}:(?:(?!:(?:ivar|param) ).)*?Known values\s+are:\s+(.*?)\.\s"
    found = re.search(pattern, model.__doc__ or "", re.DOTALL)
    return tuple(re.findall(r'"([^"]+)"', found[1])) if found else ()


def of_annotations(model):
    """The newer SDKs."""
    model({})  # The table of fields is filled when the first one is made.
    found = {}
    for base in reversed(model.__mro__):
        for attribute, annotation in vars(base).get("__annotations__", {}).items():
            field = model._attr_to_rest_field.get(attribute)
            if field is None:
                continue
            read_only = [str(one) for one in field._visibility or []] == ["read"]
            text = str(annotation)
            required = "Optional" not in text and "NoneType" not in text and not read_only
            found[field._rest_name] = Property(plain(text), read_only, required)
    return found


def plain(text):
    """An annotation as short text: `Scale`, `list[Secret]`, `Union[str, Kind]`."""
    text = re.sub(r"ForwardRef\('(.*?)'\)", r"\1", re.sub(r"<class '(.*?)'>", r"\1", text))
    for noise in ("_models.", "typing.", "'", '"'):
        text = text.replace(noise, "")
    return re.sub(r"^Optional\[(.*)\]$", r"\1", text.replace(", NoneType]", "]"))


class Comparison:
    """Compares values with models. `names` are the template's names: their values, or None for what
    is not known."""

    def __init__(self, models, names):
        self.models, self.names, self.findings = models, names, []

    def say(self, where, what):
        """Notes a finding."""
        self.findings.append(f"{where}: {what}")

    def resource(self, where, model, body):
        """A resource as a whole."""
        self.object(where, properties(self.models, getattr(self.models, model)), body)

    def object(self, where, known, value):
        """An object's properties."""
        if not isinstance(value, dict):
            self.say(where, "is no object")
            return
        for name, one in value.items():
            if name not in known:
                self.say(where, f"has no property '{name}'; it has {', '.join(sorted(known))}")
            elif known[name].read_only:
                self.say(f"{where}.{name}", "can only be read")
            else:
                self.value(f"{where}.{name}", known[name].kind, one)
        for name, one in known.items():
            if one.required and name not in value:
                self.say(where, f"needs '{name}'")

    def value(self, where, kind, value):
        """Any value."""
        while isinstance(value, str) and value in self.names:
            value = self.names[value]
        if value is None:
            return
        if isinstance(value, dict) and value.keys() & {"operator", "function"}:
            for part in branches(value):
                self.value(where, kind, part)
        elif isinstance(kind, dict):
            self.object(where, kind, value)
        elif isinstance(kind, tuple):
            self.known(where, kind, value)
        else:
            self.typed(where, kind, value)

    def known(self, where, kind, value):
        """One of a few words. Azure does not mind their case, the tools of others do."""
        if not isinstance(value, str):
            self.say(where, f"{value!r} is no text")
        elif "${" not in value and value not in kind:
            self.say(where, f"'{value}' is none of {', '.join(kind)}")

    def typed(self, where, kind, value):
        """A value of the type that a text names."""
        enumeration = re.match(r"^Union\[str, (\w+)\]$", kind)
        many = re.match(r"^(?:[lL]ist)?\[(.*)\]$", kind)
        mapping = re.match(r"^[dD]ict\[str, (.*)\]$", kind) or re.match(r"^\{(.*)\}$", kind)
        model = getattr(self.models, kind, None)
        if enumeration:
            self.known(where, tuple(one.value for one in getattr(self.models, enumeration[1])), value)
        elif many and isinstance(value, list):
            for at, one in enumerate(value):
                self.value(f"{where}[{at}]", many[1], one)
        elif mapping and isinstance(value, dict):
            for name, one in value.items():
                self.value(f"{where}.{name}", mapping[1], one)
        elif many or mapping:
            self.say(where, "is no list" if many else "is no object")
        elif kind in SCALARS:
            self.scalar(where, kind, value)
        elif model is not None and issubclass(model, str):
            self.known(where, tuple(one.value for one in model), value)
        elif model is not None:
            self.object(where, properties(self.models, model), value)

    def scalar(self, where, kind, value):
        """A text, a number, a truth."""
        is_truth = isinstance(value, bool)
        if not isinstance(value, SCALARS[kind]) or is_truth != (kind == "bool"):
            self.say(where, f"{value!r} is no {kind}")


def branches(expression):
    """The values that an expression may have, as far as they are written in it."""
    inner = expression.get("operator") or expression["function"]
    if inner["type"] == "conditional":
        return [inner["operands"]["true_value"], inner["operands"]["false_value"]]
    return list(inner["parameters"].values()) if inner["type"] == "concat" else []
