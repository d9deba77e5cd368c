"""Whatever is asked that the API's own description allows, or nearly so, is answered."""

import asyncio
import json
import re

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmetry.web.security import cookie_name

from .conftest import TOKEN

# Endless, or about folders of this computer, which no test must look through.
LEFT_OUT = {"/api/v1/events", "/api/v1/projects/open", "/api/v1/projects/{project}/local"}
HONEST = {501, 507}  # not installed, disk full: both with a sentence
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)


def from_schema(schema, whole):
    """Values that a JSON schema allows, as far as this API uses it."""
    if "$ref" in schema:
        place = schema["$ref"].rpartition("/")[2]
        return from_schema(whole["components"]["schemas"][place], whole)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of([from_schema(part, whole) for part in schema[key]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    return KINDS[schema.get("type", "any")](schema, whole)


def text(schema, _):
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    return st.text(min_size=schema.get("minLength", 0), max_size=20)


def bounds(schema):
    return (
        schema.get(f"{side}imum", schema.get(f"exclusive{side.capitalize()}imum"))
        for side in ("min", "max")
    )


def number(schema, _):
    return st.floats(*bounds(schema), allow_nan=False, allow_infinity=False)


def array(schema, whole):
    if "prefixItems" in schema:
        return st.tuples(*[from_schema(part, whole) for part in schema["prefixItems"]]).map(
            list
        )
    least = schema.get("minItems", 0)
    items = from_schema(schema.get("items", {}), whole)
    return st.lists(items, min_size=least, max_size=least + 4)


def mapping(schema, whole):
    parts = {
        name: from_schema(part, whole)
        for name, part in schema.get("properties", {}).items()
    }
    if not parts:
        return st.dictionaries(st.text(max_size=9), ANYTHING, max_size=3)
    needed = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name in needed},
        optional={name: part for name, part in parts.items() if name not in needed},
    )


KINDS = {
    "string": text,
    "number": number,
    "integer": lambda schema, _: st.integers(*bounds(schema)),
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
    "array": array,
    "object": mapping,
    "any": lambda *_: ANYTHING,
}


def requests(whole, known):
    """Requests to any route: mostly as they should be, sometimes not."""
    routes = [
        (path, method)
        for path, methods in whole["paths"].items()
        for method in methods
        if path not in LEFT_OUT
    ]

    @st.composite
    def one(draw):
        path, method = draw(st.sampled_from(routes))
        about = whole["paths"][path][method]
        query = {}
        for part in about.get("parameters", ()):
            value = from_schema(part["schema"], whole)
            if part["in"] == "path":
                real = known.get(part["name"])
                if real and method != "delete":  # the others need it
                    value = st.just(real) | st.just(real) | value
                value = re.sub(r"[/?#\x00-\x1f\x7f]", "-", str(draw(value)))
                path = path.replace(f"{{{part['name']}}}", value)
            elif part["in"] == "query" and (part.get("required") or draw(st.booleans())):
                query[part["name"]] = draw(value)
        content = about.get("requestBody", {}).get("content", {})
        body, kind = b"", "application/json"
        if "application/json" in content:
            fitting = from_schema(content["application/json"]["schema"], whole)
            body = json.dumps(draw(fitting | fitting | ANYTHING)).encode()
        elif content:
            body, kind = draw(st.binary(max_size=200)), "application/octet-stream"
        return method.upper(), path, query, body, kind

    return one()


@pytest.mark.slow
def test_every_request_is_answered_and_every_refusal_is_a_sentence(
    application, host, store, picture, label
):
    whole = application.openapi()
    (identifier,) = [one.id for one in store.listed()]
    known = {"project": identifier, "picture": picture, "label": label}
    base = f"http://{host}"
    headers = {"Origin": base, "Cookie": f"{cookie_name(host)}={TOKEN}"}

    async def ask(method, path, query, body, kind):
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(
                method,
                path,
                params={name: value for name, value in query.items() if value is not None},
                content=body,
                headers=headers | {"Content-Type": kind},
            )

    @settings(
        max_examples=400,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(whole, known))
    def every_one(request):
        answer = asyncio.run(ask(*request))
        assert answer.status_code < 500 or answer.status_code in HONEST, answer.text
        if answer.status_code >= 400:
            error = answer.json()["error"]
            assert error["code"], request
            assert len(error["message"]) > 10, request
            assert "Traceback" not in answer.text

    every_one()
