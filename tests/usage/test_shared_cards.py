"""Cards that are shared, in slices, of other makers, blank or nobody's, from a real Prometheus."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clusters.models import Cluster
from core.resources import Resources
from projects.models import Role
from prometheus.client import Prometheus
from prometheus.queries import MEBIBYTE
from serving.models import ModelService
from tests import factories
from tests.factories import make_pod
from usage import collect, migrations
from usage.cards import GPU, GPU_MEMORY
from usage.models import MetricsStatus, UsageWindow

pytestmark = pytest.mark.django_db
MIG = "nvidia.com/mig-1g.5gb"


@pytest.fixture
def service(server: Prometheus) -> ModelService:
    """A service in the namespace of the cards; which pods it has, a test says."""
    environment = factories.make_environment(factories.make_project("cards"))
    Cluster.objects.update(prometheus_url=server.connection.url)
    return factories.make_deployed_service(environment)


def holds(service: ModelService, resource: str, *names: str, count: int = 1) -> None:
    for name in names:
        make_pod(service, name=name, is_ready=True, requests=Resources({resource: count}))


def shown(service: ModelService) -> dict[str, Any]:
    """Collect once; return the environment's lines as the API shows them."""
    collect.collect_cluster(Cluster.objects.get())
    viewer = factories.make_member(service.project, Role.VIEWER)
    path = f"/api/v1/projects/{service.project.name}/summary"
    summary = factories.signed_in(viewer).get(path).json()
    return {line["resource"]: line for line in summary["environments"][0]["resources"]}


def test_a_shared_card_counts_once_and_the_line_says_that_it_is_shared(service):
    holds(service, GPU, "p1", "p2", "p3", "p4")
    lines = shown(service)
    assert lines[GPU_MEMORY]["used"] == "10000Mi"
    assert (lines[GPU]["used"], lines[GPU]["shared"]) == ("800m", True)
    assert lines[GPU_MEMORY]["shared"]


def test_of_a_card_shared_with_others_an_environment_has_its_part(service):
    holds(service, GPU, "p1")
    line = shown(service)[GPU_MEMORY]
    assert (line["used"], line["shared"]) == ("2500Mi", True)


def test_a_card_that_one_pod_holds_is_not_shared(service):
    holds(service, GPU, "once")
    line = shown(service)[GPU]
    assert (line["used"], line["shared"], line["window"]["used_peak"]) == ("400m", False, "400m")


def test_slices_are_requested_and_used_in_one_line(service):
    holds(service, MIG, "m1", "m2")
    lines = shown(service)
    assert (lines[MIG]["requested"], lines[MIG]["used"], lines[MIG]["idle"]) == (
        "2",
        "1500m",
        "500m",
    )
    assert (lines[GPU]["requested"], lines[GPU]["used"]) == ("0", None)
    assert lines[GPU_MEMORY]["used"] == "5000Mi"


def test_a_share_that_is_renamed_is_used_under_its_name(service):
    holds(service, "nvidia.com/gpu.shared", "once")
    lines = shown(service)
    assert lines["nvidia.com/gpu.shared"]["used"] == "400m"
    assert (lines[GPU]["requested"], lines[GPU]["used"]) == ("0", None)


@pytest.mark.parametrize("name", ["blank", "two", "not-measured"])
def test_a_card_without_a_number_leaves_the_sum_unknown_and_spoils_no_window(service, name):
    holds(service, GPU, name, "once")
    holds(service, MIG, "m1")
    for line in (shown(service)[GPU], shown(service)[GPU_MEMORY]):
        assert (line["used"], line["idle"], line["reason"]) == (None, None, "PartialData")
        assert (line["window"]["used_average"], line["window"]["used_peak"]) == (None, None)
    assert not UsageWindow.objects.filter(resource__in=[GPU, GPU_MEMORY], used_count__gt=0).exists()


def test_more_memory_than_the_card_has_is_unknown_while_its_work_is_known(service):
    holds(service, GPU, "full")
    lines = shown(service)
    assert (lines[GPU]["used"], lines[GPU_MEMORY]["used"]) == ("1", None)


@pytest.mark.parametrize("resource", ["amd.com/gpu", "huawei.com/Ascend910", "nvidia.com/gpumem"])
def test_what_nobody_measures_is_unknown_and_not_zero(service, resource):
    holds(service, GPU, "once")
    holds(service, resource, "p1", count=2)
    line = shown(service)[resource]
    assert (line["requested"], line["used"], line["idle"]) == ("2", None, None)


def unattributed(caller: Any) -> Any:
    return factories.signed_in(caller).get("/api/v1/fleet/unattributed")


def test_cards_that_name_no_pod_of_ours_are_shown_as_unattributed(service):
    holds(service, GPU, "p1", "p2", "once")
    holds(service, MIG, "m1")
    collect.collect_cluster(Cluster.objects.get())
    (cluster,) = unattributed(factories.make_user(is_platform_admin=True)).json()["clusters"]
    assert (cluster["cluster"], cluster["reason"]) == (service.cluster.name, "")
    found = {one["resource"]: one for one in cluster["unattributed"]}
    assert (found[MIG]["cards"], found[MIG]["used"]) == (1.0, 0.5)
    assert found["nvidia.com/mig-1g.10gb.me"]["memory_used_bytes"] == 500 * MEBIBYTE
    # Half of the shared card, and whole ones of other pages; one of them has no number.
    assert found[GPU]["cards"] % 1 == 0.5
    assert found[GPU]["used"] is None
    assert "namespace" not in str(cluster)


def test_only_platform_admins_see_what_is_unattributed(service):
    member = factories.make_member(service.project, Role.ADMIN)
    assert unattributed(member).status_code == 403


def test_what_is_unattributed_is_unknown_before_a_look_after_an_outage_and_when_it_is_old(service):
    admin = factories.make_user(is_platform_admin=True)

    def seen() -> tuple[Any, str]:
        (cluster,) = unattributed(admin).json()["clusters"]
        return cluster["unattributed"], cluster["reason"]

    assert seen() == (None, "NoData")
    collect.collect_cluster(Cluster.objects.get())
    assert seen()[0]
    MetricsStatus.objects.update(tried_at=timezone.now() - timedelta(minutes=5))
    assert seen() == (None, "Stale")
    Cluster.objects.update(prometheus_url="http://127.0.0.1:1")
    collect.collect_cluster(Cluster.objects.get())
    assert seen() == (None, "PrometheusUnavailable")


def test_windows_that_blanks_were_added_to_are_forgotten_and_others_are_kept(service):
    windows = {
        (GPU, 3.7e17): None,
        (GPU, 8.0): 8.0,
        (GPU_MEMORY, 2147483632.0 * MEBIBYTE): None,
        (GPU_MEMORY, 80_000.0 * MEBIBYTE): 80_000.0 * MEBIBYTE,
        ("memory", 2.0**51): 2.0**51,
    }
    holder = (service.environment_id, None)
    for minutes, (resource, used) in enumerate(windows):
        measure = {(holder, resource): collect.Measure(requested=1.0, used=used)}
        at = timezone.now() - timedelta(minutes=minutes)
        UsageWindow.objects.filter(window_seconds=collect.COARSE_SECONDS).delete()
        collect.add_to_windows(measure, now=at)
    fine = UsageWindow.objects.filter(window_seconds=collect.FINE_SECONDS).order_by("-starts_at")
    (file,) = Path(migrations.__path__[0]).glob("*_shared_cards.py")
    with connection.cursor() as cursor:
        cursor.execute(import_module(f"usage.migrations.{file.stem}").FORGET_BLANKS)
    assert [window.used_peak for window in fine] == list(windows.values())
    assert [window.used_count for window in fine] == [
        int(one is not None) for one in windows.values()
    ]
    assert all(window.requested_count for window in fine)
