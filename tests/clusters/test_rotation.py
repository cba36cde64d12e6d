"""The encryption key is changed while credentials are in use."""

import msgspec
import pytest
from django.core.management import call_command
from django.test import override_settings

from clusters.credentials import UnreadableCredentials, decrypt_access, encrypt_access
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster
from tests.factories import make_cluster

pytestmark = pytest.mark.django_db
NEW_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="


def access_of(cluster: Cluster) -> ClusterAccess:
    cluster.refresh_from_db()
    return decrypt_access(bytes(cluster.credentials), cluster=cluster.name)


def test_credentials_are_sealed_anew_and_need_the_key_of_before_no_more(settings, capsys):
    clusters = [make_cluster(token="secret") for _ in range(2)]
    former = settings.ENCRYPTION_KEY
    with override_settings(ENCRYPTION_KEY=NEW_KEY, OLD_ENCRYPTION_KEYS=[former]):
        assert access_of(clusters[0]).token == "secret"
        call_command("rotatekeys")
        call_command("rotatekeys")
    assert capsys.readouterr().out == "2 sealed anew.\n0 sealed anew.\n"
    with override_settings(ENCRYPTION_KEY=NEW_KEY):
        assert {access_of(cluster).token for cluster in clusters} == {"secret"}
    with pytest.raises(UnreadableCredentials):
        access_of(clusters[0])


def test_what_no_key_opens_is_named_and_left_as_it_is(capsys):
    lost, kept = make_cluster("lost"), make_cluster("kept", token="secret")
    access = msgspec.structs.replace(access_of(kept), token="lost")
    with override_settings(ENCRYPTION_KEY="AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="):
        sealed = encrypt_access(access, cluster="lost")
    Cluster.objects.filter(pk=lost.pk).update(credentials=sealed)
    with pytest.raises(SystemExit):
        call_command("rotatekeys")
    assert "lost" in capsys.readouterr().err
    assert bytes(Cluster.objects.get(pk=lost.pk).credentials) == sealed
