"""`manage.py bootstrap`: the tables, the first platform admin and the first cluster."""

import json
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts import actions, tokens
from accounts.actor import SYSTEM, Actor
from accounts.models import User
from audit.record import record
from clusters.actions import register_cluster, update_cluster
from clusters.kubeconfig import ClusterAccess, parse_kubeconfig
from clusters.models import Cluster

TOKEN_NAME = "bootstrap"  # noqa: S105  (a name)


class Command(BaseCommand):
    help = (
        "Migrate; read {username, password, users, cluster, kubeconfig, prometheus_url} as JSON; "
        "make the platform admin and the cluster if they are absent; write "
        '{"token": ...} to stdout.'
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        data = json.load(sys.stdin)
        admin = keep_user(data["username"], data.get("password"), is_platform_admin=True)
        for username, password in data.get("users", {}).items():
            keep_user(username, password)
        if data.get("kubeconfig"):
            access = parse_kubeconfig(data["kubeconfig"])
            keep_cluster(data["cluster"], access, data.get("prometheus_url", ""), Actor.of(admin))
        admin.api_tokens.filter(name=TOKEN_NAME).delete()
        token, secret = tokens.issue(admin, name=TOKEN_NAME, expires_at=None, by=admin)
        record("token.create", token, by=SYSTEM, after={"prefix": token.prefix})
        self.stdout.write(json.dumps({"token": secret}))


def keep_user(username: str, password: str | None, *, is_platform_admin: bool = False) -> User:
    """Return the account, made or updated; without a password it keeps the one it has."""
    user = User.objects.filter(username=username).first()
    if user is None:
        return actions.add_account(
            username=username, password=password, is_platform_admin=is_platform_admin, by=SYSTEM
        )
    if password is not None and not user.check_password(password):
        actions.change_password(user=user, password=password, by=SYSTEM)
    if user.is_superuser != is_platform_admin:
        actions.change_rank(user=user, is_platform_admin=is_platform_admin, by=SYSTEM)
    return user


def keep_cluster(name: str, access: ClusterAccess, prometheus_url: str, by: Actor) -> None:
    """Register the cluster, or bring what is registered up to date."""
    details = {"prometheus_url": prometheus_url}
    cluster = Cluster.objects.filter(name=name).first()
    if cluster is None:
        register_cluster(name=name, access=access, details=details, by=by)
    else:
        update_cluster(cluster=cluster, access=access, details=details, by=by)
