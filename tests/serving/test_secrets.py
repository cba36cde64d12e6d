"""Secrets: frozen into revisions by version, kept as long as something returns to them."""

from typing import Any

import pytest

from accounts.actor import Actor
from core.errors import Conflict, Invalid
from core.reasons import Reason
from projects.models import Environment
from serving import actions
from serving.manifests.spec import Scale, Stamp
from serving.models import (
    ModelService,
    Revision,
    Rollout,
    Secret,
    SecretObject,
    SecretVersion,
)
from serving.objects import objects_for
from serving.rules.lifecycle import Phase
from serving.secrets import vault
from serving.secrets.actions import (
    LARGEST_SECRET,
    change_secret,
    delete_secret,
    put_secret,
    reencrypt,
)
from serving.secrets.use import uses_in
from serving.worker.claim import claim
from serving.worker.commit import commit
from serving.worker.outcome import Finding

pytestmark = pytest.mark.django_db
VARIABLE = {"secret": "database", "key": "password", "env": "PASSWORD"}
FILES = {"secret": "database", "path": "/etc/database"}
OTHER_KEY = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="


@pytest.fixture
def environment(service: ModelService) -> Environment:
    return service.environment


@pytest.fixture
def secret(environment: Environment, by: Actor) -> Secret:
    return put(environment, by, password="one")


def put(environment: Environment, by: Actor, name: str = "database", **values: str) -> Secret:
    kind = Secret.Kind.VALUES
    return put_secret(environment=environment, kind=kind, name=name, values=values, by=by)


def put_login(environment: Environment, by: Actor, password: str) -> Secret:
    return put_secret(
        environment=environment,
        kind=Secret.Kind.PULL_CREDENTIAL,
        name="registry",
        server="registry.example.com",
        values={"username": "ci", "password": password},
        by=by,
    )


def run(rollout: Rollout) -> Revision:
    """Let a rollout succeed, as a worker would settle it; return what runs then."""
    succeed(rollout)
    assert rollout.to_revision is not None
    return rollout.to_revision


def succeed(rollout: Rollout) -> None:
    applied: list[Any] | None = None if rollout.to_revision else []
    for finding in (
        Finding(Phase.PROGRESSING, Reason.WAITING_FOR_PODS, "x", is_begun=True),
        Finding(Phase.SUCCEEDED, Reason.COMPLETED, "x", applied=applied),
    ):
        commit(claim(str(rollout.pk)), finding)


def deploy(service: ModelService, by: Actor, version: str = "1", **changes: Any) -> Revision:
    found = service.model.versions.get(version=version)
    return run(actions.start_deploy(service=service, version=found, changes=changes, by=by))


def values_of(revision: Revision) -> dict[str, str]:
    [version] = revision.secret_versions.all()
    return vault.values_of(version)


def test_a_change_of_a_value_makes_a_new_revision_at_the_next_rollout(service, secret, by):
    first = deploy(service, by, secrets=[VARIABLE])
    assert deploy(service, by) == first
    put(service.environment, by, password="two")
    second = deploy(service, by)
    assert second != first
    assert [r.frozen_spec.secret_versions for r in (first, second)] == [
        {"database": 1},
        {"database": 2},
    ]
    assert [values_of(r)["password"] for r in (first, second)] == ["one", "two"]


def test_the_same_values_again_are_no_new_version(environment, secret, by):
    assert put(environment, by, password="one").version == 1


def test_a_restart_and_a_return_keep_their_versions(service, secret, by):
    first = deploy(service, by, secrets=[VARIABLE])
    put(service.environment, by, password="two")
    assert values_of(run(actions.start_restart(service=service, by=by))) == {"password": "one"}
    deploy(service, by)
    returned = run(actions.start_rollback(service=service, number=first.number, by=by))
    assert values_of(returned) == {"password": "one"}
    service.refresh_from_db()
    assert service.secrets == [VARIABLE]


def test_a_version_is_kept_while_it_is_among_the_last_good_ones(service, secret, by):
    first = deploy(service, by, secrets=[VARIABLE])
    for number in range(6):
        put(service.environment, by, password=f"later {number}")
        deploy(service, by)
    assert not vault.is_whole(Revision.objects.get(pk=first.pk))
    assert secret.versions.count() == 6
    with pytest.raises(Conflict, match="no longer stored"):
        actions.start_rollback(service=service, number=first.number, by=by)


def test_a_version_that_nobody_ever_had_goes_with_the_next(environment, secret, by):
    put(environment, by, password="two")
    assert list(secret.versions.values_list("number", flat=True)) == [2]


def test_what_is_decommissioned_leaves_nothing_in_the_cluster(service, secret, by):
    deploy(service, by, secrets=[VARIABLE])
    name = SecretObject.objects.get().name
    rollout = actions.start_decommission(service=service, by=by)
    succeed(rollout)
    released = SecretObject.objects.get()
    assert (released.name, released.version) == (name, None)
    # Whoever comes back has a name of its own, which nobody who is late deletes.
    deploy(service, by, "2", secrets=[VARIABLE])
    assert SecretObject.objects.exclude(version=None).get().name != name


def test_a_secret_in_use_is_not_deleted_and_says_by_whom(service, secret, by):
    deploy(service, by, secrets=[FILES])
    with pytest.raises(Conflict) as refusal:
        delete_secret(secret=secret, by=by)
    assert refusal.value.details == {"services": [service.name]}
    actions.update_service(service=service, changes={"secrets": []}, by=by)
    with pytest.raises(Conflict):
        delete_secret(secret=secret, by=by)


def test_a_draft_and_a_key_are_in_use_too(service, secret, environment, by):
    put(environment, by, password="one", user="dana")
    actions.update_service(service=service, changes={"secrets": [VARIABLE]}, by=by)
    with pytest.raises(Conflict, match="uses the key password"):
        change_secret(environment=environment, name="database", changes={"password": None}, by=by)
    change_secret(environment=environment, name="database", changes={"user": None}, by=by)
    assert Secret.objects.get().keys == ["password"]


def test_what_does_not_open_is_stated_whole_and_keeps_what_is_used(
    service, environment, by, settings
):
    put(environment, by, password="one", user="dana")
    actions.update_service(service=service, changes={"secrets": [VARIABLE]}, by=by)
    settings.ENCRYPTION_KEY = OTHER_KEY
    before = SecretVersion.objects.get().sealed
    with pytest.raises(Conflict, match="Set all of its values again"):
        change_secret(environment=environment, name="database", changes={"user": "eve"}, by=by)
    with pytest.raises(Conflict, match="uses the key password"):
        put(environment, by, user="eve")
    assert SecretVersion.objects.get().sealed == before
    put(environment, by, password="two")
    assert vault.values_of(SecretVersion.objects.latest("number")) == {"password": "two"}


def test_deleting_forgets_the_values_at_once(secret, by):
    delete_secret(secret=secret, by=by)
    assert not SecretVersion.objects.exists()
    assert not Secret.objects.exists()


def test_a_pull_credential_goes_with_the_next_revision_of_each_service(service, environment, by):
    credential = put_login(environment, by, "one")
    first = deploy(service, by)
    assert first.frozen_spec.pull_credentials == {"registry": 1}
    delete_secret(secret=credential, by=by)
    assert SecretVersion.objects.count() == 1
    put_login(environment, by, "two")
    second = deploy(service, by)
    assert second.frozen_spec.pull_credentials == {"registry": 2}
    assert values_of(second)["password"] == "two"


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"secrets": [{**VARIABLE, "secret": "other"}]}, "/secrets/0/secret"),
        ({"secrets": [FILES, {**VARIABLE, "key": "other"}]}, "/secrets/1/key"),
        ({"secrets": [VARIABLE], "env": {"PASSWORD": "x"}}, "/secrets/0/env"),
    ],
    ids=["no such secret", "no such key", "a variable twice"],
)
def test_what_cannot_be_is_refused_where_it_is_stated(service, secret, by, settings, pointer):
    version = service.model.versions.get(version="1")
    for ask in (
        lambda: actions.update_service(service=service, changes=settings, by=by),
        lambda: actions.start_deploy(service=service, version=version, changes=settings, by=by),
    ):
        with pytest.raises(Invalid) as refusal:
            ask()
        assert refusal.value.errors[0]["pointer"] == pointer
    assert not Rollout.objects.exists()


def test_a_secret_is_no_larger_than_one_of_kubernetes(environment, by):
    put(environment, by, password="é" * (LARGEST_SECRET // 2))
    with pytest.raises(Invalid):
        put(environment, by, password="é" * (LARGEST_SECRET // 2) + "x")


def test_the_deployment_names_secrets_and_says_no_value(service, secret, environment, by):
    put_login(environment, by, "login")
    revision = deploy(service, by, secrets=[VARIABLE, FILES], env={"A": "b"})
    stamp = Stamp(revision=1, rollout="r", epoch=1)
    *_, deployment = objects_for(service, revision, Scale(replicas=1), stamp)
    pods = deployment["spec"]["template"]["spec"]
    names = {o.version.secret.name: o.name for o in SecretObject.objects.all()}
    reference = {"secretKeyRef": {"name": names["database"], "key": "password"}}
    [container] = pods["containers"]
    assert container["env"] == [
        {"name": "A", "value": "b"},
        {"name": "PASSWORD", "valueFrom": reference},
    ]
    assert container["volumeMounts"] == [
        {"name": "secret-0", "mountPath": "/etc/database", "readOnly": True}
    ]
    assert pods["volumes"] == [{"name": "secret-0", "secret": {"secretName": names["database"]}}]
    assert pods["imagePullSecrets"] == [{"name": names["registry"]}]
    assert "one" not in str(pods)


def test_it_is_told_who_uses_what_and_with_which_version(service, secret, environment, by):
    deploy(service, by, secrets=[VARIABLE])
    put(environment, by, password="two")
    [use] = uses_in(environment.pk)["values", "database"]
    assert (use.service, use.version, use.keys) == (service.name, 1, {"password"})


def test_values_open_in_their_own_row_only_and_are_sealed_anew(settings, secret, environment, by):
    [version] = secret.versions.all()
    put(environment, by, "other", password="other")
    other = SecretVersion.objects.exclude(pk=version.pk).get()
    SecretVersion.objects.filter(pk=other.pk).update(sealed=version.sealed)
    settings.OLD_ENCRYPTION_KEYS = [settings.ENCRYPTION_KEY]
    settings.ENCRYPTION_KEY = OTHER_KEY
    assert reencrypt() == (1, ["other v1"])
    settings.OLD_ENCRYPTION_KEYS = []
    version.refresh_from_db()
    assert vault.values_of(version) == {"password": "one"}
