"""Everything that is written down has words in the dashboard, in both languages."""

import json
from typing import Any

import pytest

from embedded.home import CHECKOUT
from tests.api.matrix import WRITES

# What is no answer to a request of the table, or only a part of it.
BESIDES = {
    "account.add",
    "account.update",
    "environment.update",
    "password.refuse",
    "password.update",
    "pull_credential.create",
    "request.refuse",
    "rollout.resume",
    "secret.create",
    "session.end",
    "session.lock",
    "session.refuse",
    "session.start",
    "token.refuse",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_action_of_the_audit_has_words(language: str) -> None:
    path = CHECKOUT / "frontend" / "src" / "locales" / language / "projects.json"
    words: Any = json.loads(path.read_text())["audit"]["actions"]
    named = {f"{kind}.{action}" for kind, actions in words.items() for action in actions}
    written = {operation.audit for operation in WRITES} | BESIDES
    assert written - {None} <= named
