"""The Secrets of a service, compared as a whole."""

import json
from base64 import b64decode

from serving.manifests.secrets import docker_config, secret

OWNER = {"slipway.dev/project": "fraud", "slipway.dev/environment": "production"}


def test_values_become_an_opaque_secret_that_nobody_changes():
    values = {"password": "s3cret", "umlaut": "ü", "empty": ""}
    assert secret("fraud-production", "database-2-x", OWNER, values) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "database-2-x",
            "namespace": "fraud-production",
            "labels": {
                "app.kubernetes.io/managed-by": "slipway",
                "slipway.dev/project": "fraud",
                "slipway.dev/environment": "production",
            },
        },
        "type": "Opaque",
        "immutable": True,
        "data": {"password": "czNjcmV0", "umlaut": "w7w=", "empty": ""},
    }


def test_a_login_becomes_what_a_node_shows_to_a_registry():
    values = docker_config("registry.example.com:5000", "ci-bot", 'pass"word:1')
    built = secret("n", "registry-1", {}, values)
    assert built == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "registry-1",
            "namespace": "n",
            "labels": {"app.kubernetes.io/managed-by": "slipway"},
        },
        "type": "kubernetes.io/dockerconfigjson",
        "immutable": True,
        "data": {".dockerconfigjson": built["data"][".dockerconfigjson"]},
    }
    assert json.loads(b64decode(built["data"][".dockerconfigjson"])) == {
        "auths": {
            "registry.example.com:5000": {
                "username": "ci-bot",
                "password": 'pass"word:1',
                # ci-bot:pass"word:1
                "auth": "Y2ktYm90OnBhc3Mid29yZDox",
            }
        }
    }


def test_a_key_of_that_name_among_others_is_a_value_like_any_other():
    built = secret("n", "s", {}, {".dockerconfigjson": "{}", "password": "p"})
    assert built["type"] == "Opaque"
