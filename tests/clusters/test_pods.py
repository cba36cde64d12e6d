"""What may be left of a pod: whoever counts pods means one of two words."""

import pytest

from clusters.load import pods_below, requested_by_namespace
from clusters.models import Pod
from core.resources import PODS, Resources
from serving.diagnosis.read import facts_of
from tests import factories

pytestmark = pytest.mark.django_db
ASKED = Resources({"cpu": 1000})


@pytest.mark.parametrize(
    ("phase", "is_terminating", "is_live", "is_active"),
    [
        pytest.param("Pending", False, True, True, id="waiting"),
        pytest.param("Running", False, True, True, id="running"),
        pytest.param("Unknown", False, True, True, id="on a node that is silent"),
        pytest.param("Running", True, True, False, id="being deleted and not gone"),
        pytest.param("Succeeded", False, False, False, id="finished"),
        pytest.param("Failed", False, False, False, id="failed"),
        pytest.param("Failed", True, False, False, id="failed and being deleted"),
    ],
)
def test_a_pod_is_live_while_it_holds_something_and_active_while_it_serves(
    phase: str, is_terminating: bool, is_live: bool, is_active: bool
) -> None:
    pod = factories.make_pod(
        phase=phase, is_terminating=is_terminating, node_name="n1", requests=ASKED
    )
    place, node = (pod.cluster_id, pod.namespace), factories.make_node(pod.cluster, name="n1")
    held = Resources({**ASKED, PODS: 1}) if is_live else Resources()
    assert (pod.is_over, pod.is_active) == (not is_live, is_active)
    assert facts_of(pod, {}).is_over is not is_live
    assert Pod.objects.live().exists() is is_live
    assert requested_by_namespace([place])[place] == held
    node.refresh_from_db()
    assert node.requested == held.only(ASKED)
    assert pods_below({place: ASKED * 2}) == ({place: [pod.name]} if is_live else {})
