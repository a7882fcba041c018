#!/usr/bin/env python3
"""Reduce X's OpenAPI document to the structure of the answers that the simulator gives.

usage: x-schema.py INPUT OUTPUT

Kept: types, patterns, enums, bounds, required, references, of the 200 answers of search,
counts, lookup and usage and of every problem. Left out: all prose and examples. The
`discriminator` of Problem becomes a table of its own, because JSON Schema has none, and
OpenAPI's `nullable` becomes a type. INPUT is https://api.x.com/2/openapi.json.
"""

import hashlib
import json
import re
import sys

PATHS = {
    "search_all": "/2/tweets/search/all",
    "search_recent": "/2/tweets/search/recent",
    "counts_all": "/2/tweets/counts/all",
    "counts_recent": "/2/tweets/counts/recent",
    "lookup": "/2/tweets",
    "lookup_one": "/2/tweets/{id}",
    "usage": "/2/usage/tweets",
}
PROSE = {"description", "summary", "title", "example", "examples", "externalDocs", "discriminator"}
NAMES = {"properties", "patternProperties"}  # below these, keys are names, not keywords


def reduced(schema):
    """A schema without prose, in plain JSON Schema."""
    if isinstance(schema, list):
        return [reduced(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, value in schema.items():
        if key in NAMES:
            result[key] = {name: reduced(item) for name, item in value.items()}
        elif key in ("enum", "required", "const", "default"):
            result[key] = value
        elif key not in PROSE and not key.startswith("x-") and key not in ("format", "nullable"):
            result[key] = reduced(value)
    if "enum" in result:
        # 2.166 lists "mentionedUsers" (14 letters) under a pattern that allows 12.
        result.pop("pattern", None)
    if schema.get("nullable"):
        result = {"anyOf": [result, {"type": "null"}]}
    return result


def main(source, target):
    raw = open(source, "rb").read()
    document = json.loads(raw)
    schemas = document["components"]["schemas"]
    answers = {}
    for name, path in PATHS.items():
        content = document["paths"][path]["get"]["responses"]["200"]["content"]
        answers[name] = content["application/json"]["schema"]["$ref"]
    problems = schemas["Problem"].get("discriminator", {}).get("mapping", {})
    wanted, kept = [*answers.values(), *problems.values(), "#/components/schemas/Problem"], {}
    while wanted:
        name = wanted.pop().rsplit("/", 1)[1]
        if name not in kept:
            kept[name] = reduced(schemas[name])
            wanted += re.findall(r"#/components/schemas/\w+", json.dumps(kept[name]))
    result = {
        "version": document["info"]["version"],
        "sha256": hashlib.sha256(raw).hexdigest(),
        "answers": answers,
        "problems": problems,
        "components": {"schemas": dict(sorted(kept.items()))},
    }
    with open(target, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
