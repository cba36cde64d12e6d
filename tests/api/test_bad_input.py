"""Bad input is refused by name, with a small answer, and is never a failure of ours."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from serving.models import ModelService
from tests.api.matrix import ENVIRONMENT, SERVICE, WRITES, Operation
from tests.api.routes import BASE
from tests.api.world import PLATFORM_ADMIN, World

LARGEST_REFUSAL_BYTES = 16_384
# JSON as it may stand behind any name, whatever the field wants.
VALUES = {
    "null": "null",
    "true": "true",
    "minus one": "-1",
    "a fraction": "1.5",
    "beyond 64 bits": "1" * 30,
    "5,000 digits": "1" * 5_000,
    "5,000 digits in a text": f'"{"1" * 5_000}"',
    "infinite": "1e999",
    "nothing": '""',
    "a word": '"word"',
    "2,000 letters": f'"{"x" * 2_000}"',
    "NUL": '"a\\u0000b"',
    "half a character": '"a\\ud800"',
    "a list of null": "[null]",
    "300 words": json.dumps([f"word-{n}" for n in range(300)]),
    "an empty map": "{}",
    "a map of null": '{"cpu": null}',
    "a map in a map": '{"cpu": {"cpu": {}}}',
    "an empty key": '{"": "1"}',
    "NUL in a key": '{"a\\u0000b": "1"}',
    "half a character in a key": '{"a\\udfff": "1"}',
    "300 names": json.dumps({f"example.com/name-{n}": "1" for n in range(300)}),
    "limits only": '{"limits": {"cpu": "2"}}',
    "requests only": '{"requests": {"cpu": "2"}}',
    "limits of 5,000 digits": f'{{"limits": {{"cpu": "{"1" * 5_000}"}}}}',
    "half a probe": '{"readiness": {"path": "/a"}, "liveness": null}',
    "an address": '"https://example.com/a"',
    "a time long ago": '"0001-01-01T00:00:00+23:59"',
    "a time to come": '"9999-12-31T23:59:59-23:59"',
}
ALONE = ("null", "true", "a word", "an empty map", "limits only", "300 words")
# What costs more than a moment to read, or would; behind one name of each write.
LARGE = {
    "900,000 letters": f'"{"x" * 900_000}"',
    "a key of 900,000 letters": f'{{"{"k" * 900_000}": "1"}}',
    "5,000 names": json.dumps({f"example.com/name-{n}": "1" for n in range(5_000)}),
    "60,000 fields": json.dumps({f"f{n}": 1 for n in range(60_000)}),
    "60,000 numbers": json.dumps([1] * 60_000),
    "deep": "[" * 50_000 + "]" * 50_000,
    "deep, as far as it is read": "[" * 1_000 + "]" * 1_000,
}


def request_fields() -> dict[str, dict[str, Any]]:
    """Return what the schema says each operation takes, by method and path."""
    out = io.StringIO()
    call_command("spectacular", stdout=out, format="openapi-json")
    schema = json.loads(out.getvalue())
    fields = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            name = f"{method.upper()} {path.removeprefix(BASE)}"
            ref = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            found = schema["components"]["schemas"].get(ref.rpartition("/")[2], {})
            fields[name] = found.get("properties", {})
    return fields


def bodies(operation: Operation, fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield bodies with one field alone, and with one odd field beside what is needed."""
    needed = operation.body or {}
    for name, value in needed.items():
        yield f"only {name}", json.dumps({name: value})
    for name in fields:
        others = {k: v for k, v in needed.items() if k != name}
        rest = "".join(f", {json.dumps(k)}: {json.dumps(v)}" for k, v in others.items())
        for what, value in VALUES.items():
            yield f"{name}: {what}", f'{{"{name}": {value}{rest}}}'
        for what in ALONE if rest else ():
            yield f"only {name}: {what}", f'{{"{name}": {VALUES[what]}}}'
    for name in (*fields, "odd")[:1]:
        for what, value in LARGE.items():
            yield f"{name}: {what}", f'{{"{name}": {value}}}'
            yield f"as a whole: {what}", value


@pytest.fixture(scope="module")
def fields() -> dict[str, dict[str, Any]]:
    return request_fields()


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
def test_every_field_of_every_write_is_right_or_refused(
    world: World, fields: dict[str, dict[str, Any]], operation: Operation
) -> None:
    world.clients[PLATFORM_ADMIN].raise_request_exception = False
    faults = []
    for what, body in bodies(operation, fields[operation.name]):
        with transaction.atomic():
            sent = {"data": body.encode(), "format": None, "content_type": "application/json"}
            response: Any = operation.call(world, PLATFORM_ADMIN, **sent)
            transaction.set_rollback(True)
        faults += faults_of(what, response)
    assert not faults, "\n".join(faults)


def faults_of(what: str, response: Any, *, may_be_away: bool = False) -> list[str]:
    """Return what is wrong with an answer to bad input."""
    if response.status_code >= 500 and not may_be_away:
        return [f"{what}: {response.status_code}"]
    if response.status_code >= 400 and len(response.content) > LARGEST_REFUSAL_BYTES:
        return [f"{what}: {len(response.content)} bytes"]
    return []


def test_half_of_the_resources_leaves_the_other_half_as_it_is(world: World) -> None:
    client, path = world.clients[PLATFORM_ADMIN], world.path(SERVICE)
    service = ModelService.objects.get(name="scorer")
    both = {
        "requests": {"cpu": "1500m", "memory": "1536Mi"},
        "limits": {"cpu": "2", "memory": "2Gi"},
    }
    assert client.patch(path, {"resources": both}).status_code == 200
    answer: Any = client.patch(path, {"resources": {"limits": {"cpu": "4", "memory": "2Gi"}}})
    assert answer.status_code == 200
    service.refresh_from_db()
    assert service.draft["requests"] == both["requests"]
    assert service.draft["limits"] == {"cpu": "4", "memory": "2Gi"}
    answer = client.patch(path, {"resources": {"requests": {"cpu": "3", "memory": "1Gi"}}})
    assert answer.json()["draft"]["resources"]["limits"] == {"cpu": "4", "memory": "2Gi"}


def test_half_of_the_resources_that_does_not_go_with_the_other_is_refused(world: World) -> None:
    client, path = world.clients[PLATFORM_ADMIN], world.path(SERVICE)
    answer: Any = client.patch(path, {"resources": {"limits": {"memory": "1Mi"}}})
    assert answer.status_code == 400
    assert answer.json()["reason"] == "RequestsAboveLimits"


def test_an_environment_without_a_quota_has_one_without_limits(world: World) -> None:
    client, path = world.clients[PLATFORM_ADMIN], world.path("/projects/{project}/environments")
    for name, rest in {"a": {}, "b": {"quota": {}}, "c": {"quota": {"limits": {}}}}.items():
        answer: Any = client.post(path, {"name": name, "cluster": "east", **rest})
        assert answer.status_code == 201
        assert answer.json()["quota"]["limits"] == {}
        assert client.get(f"{path}/{name}").status_code == 200


@pytest.mark.parametrize("field", ["env", "args", "command"])
def test_a_manifest_that_we_would_apply_is_bounded(world: World, field: str) -> None:
    client = world.clients[PLATFORM_ADMIN]
    words = ["x" * 8_000] * 40
    value = {f"NAME_{n}": word for n, word in enumerate(words)} if field == "env" else words
    wishes = {
        world.path(f"{ENVIRONMENT}/services"): {"name": "large", "model": "toxicity"},
        world.path(f"{SERVICE}/rollouts"): {"version": "2"},
    }
    for path, body in wishes.items():
        answer: Any = client.post(path, {**body, field: value})
        assert answer.status_code == 400, path
        assert re.search(r"31\d kB", answer.json()["detail"])
    assert client.patch(world.path(SERVICE), {field: value}).status_code == 400


def test_what_is_large_only_together_is_refused_too(world: World) -> None:
    client, words = world.clients[PLATFORM_ADMIN], ["x" * 8_000] * 20
    assert client.patch(world.path(SERVICE), {"args": words}).status_code == 200
    assert client.patch(world.path(SERVICE), {"command": words}).status_code == 400
    started: Any = client.post(
        world.path(f"{SERVICE}/rollouts"), {"version": "2", "command": words}
    )
    assert started.status_code == 400
