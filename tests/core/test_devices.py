"""The table of devices: what is a card, what is a part of one, and what is no card at all."""

import json
from pathlib import Path

import pytest

from core.devices import (
    TABLE,
    device_kind,
    is_card,
    is_measured,
    kind_on,
    mig_profile,
    mig_resource,
)
from core.resources import Resources, unit_of

DASHBOARD = Path(__file__).parents[2] / "frontend/src/lib/devices.json"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("nvidia.com/gpu", "whole"),
        ("nvidia.com/gpu.shared", "share"),
        ("nvidia.com/mig-1g.5gb", "slice"),
        ("nvidia.com/mig-1g.10gb.me", "slice"),
        ("nvidia.com/mig-1g.5gb.shared", "share"),
        ("nvidia.com/gpumem", "amount"),
        ("nvidia.com/gpumem-percentage", "amount"),
        ("nvidia.com/gpucores", "amount"),
        ("nvidia.com/priority", "amount"),
        ("nvidia.com/hostdev", None),
        ("amd.com/gpu", "whole"),
        ("amd.com/spx_nps1", "whole"),
        ("amd.com/cpx_nps4", "slice"),
        ("amd.com/gpu-memory", None),
        ("huawei.com/Ascend910", "whole"),
        ("huawei.com/Ascend910B4-1", "whole"),
        ("huawei.com/Ascend910B4-1-memory", "amount"),
        ("huawei.com/Ascend910B3-core", "amount"),
        ("huawei.com/Ascend310P", "whole"),
        ("huawei.com/Ascend310P-2c", "slice"),
        ("huawei.com/Ascend310P-4c.3cpu.ndvpp", "slice"),
        ("huawei.com/Ascend910-12c.3cpu.32g", "slice"),
        ("huawei.com/npu", "whole"),
        ("gpu.intel.com/i915", "whole"),
        ("gpu.intel.com/i915_monitoring", None),
        ("gpu.intel.com/millicores", "amount"),
        ("volcano.sh/vgpu-number", "share"),
        ("volcano.sh/vgpu-memory", "amount"),
        ("aliyun.com/gpu-mem", "amount"),
        ("deviceclass.resource.kubernetes.io/gpu.nvidia.com", "whole"),
        ("deviceclass.resource.kubernetes.io/large-a100", "whole"),
        ("deviceclass.resource.kubernetes.io/mig.nvidia.com", "slice"),
        ("deviceclass.resource.kubernetes.io/dra.net", "amount"),
        ("deviceclass.resource.kubernetes.io/vf.sriov.example.com", "amount"),
        ("example.com/nic", None),
        ("cpu", None),
    ],
)
def test_a_name_is_a_card_a_part_of_one_or_none(name, kind):
    assert device_kind(name) == kind
    assert is_card(name) == (kind in ("whole", "slice", "share"))


@pytest.mark.parametrize(
    ("product", "kind"),
    [
        ("NVIDIA-A10", "whole"),
        ("NVIDIA-A10-SHARED", "share"),
        ("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", "slice"),
        ("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED", "share"),
        ("", "whole"),
    ],
)
def test_a_nodes_product_says_when_the_name_of_cards_is_used_for_their_parts(product, kind):
    assert kind_on("nvidia.com/gpu", product) == kind
    assert kind_on("nvidia.com/mig-1g.5gb", product) == "slice"
    assert kind_on("nvidia.com/gpumem", product) == "amount"


@pytest.mark.parametrize(
    ("requests", "cards"),
    [
        ({"nvidia.com/gpu": 1, "nvidia.com/gpumem": 3000}, 1),
        ({"nvidia.com/gpu": 2, "nvidia.com/gpucores": 30, "nvidia.com/gpumem-percentage": 50}, 2),
        ({"huawei.com/Ascend910B4-1": 1, "huawei.com/Ascend910B4-1-memory": 16384}, 1),
        ({"amd.com/gpu": 4, "cpu": 8000}, 4),
        ({"nvidia.com/mig-1g.5gb": 2, "nvidia.com/gpu.shared": 1}, 3),
        ({"nvidia.com/hostdev": 8, "example.com/nic": 2}, 0),
    ],
)
def test_amounts_of_a_card_are_no_cards(requests, cards):
    assert Resources(requests).gpu_devices == cards


def test_an_amount_is_a_whole_number_and_no_device():
    assert unit_of("nvidia.com/gpumem") == "units"
    assert unit_of("nvidia.com/gpu") == "devices"
    asked = Resources.parse({"nvidia.com/gpumem": "3k"})
    assert asked.canonical() == {"nvidia.com/gpumem": "3000"}
    assert asked.extended == {"nvidia.com/gpumem": 3000}
    with pytest.raises(ValueError, match="whole numbers"):
        Resources.parse({"nvidia.com/gpumem": "500m"})


def test_only_nvidias_cards_are_measured():
    measured = ["nvidia.com/gpu", "nvidia.com/mig-1g.5gb", "nvidia.com/gpu.shared"]
    measured += ["deviceclass.resource.kubernetes.io/gpu.nvidia.com"]
    others = ["amd.com/gpu", "huawei.com/Ascend910", "nvidia.com/gpumem", "cpu"]
    assert [name for name in [*measured, *others] if is_measured(name)] == measured


@pytest.mark.parametrize("profile", ["1g.5gb", "1g.10gb+me", "1c.3g.20gb"])
def test_a_mig_profile_has_a_resource_name(profile):
    assert mig_profile(mig_resource(profile)) == profile.replace("+", ".")
    assert mig_profile("nvidia.com/mig-1g.5gb.shared") == "1g.5gb"
    assert mig_profile("nvidia.com/gpu") == ""


def test_the_dashboard_reads_the_same_table():
    rows = [{"pattern": pattern, "kind": kind} for pattern, kind in TABLE]
    assert json.loads(DASHBOARD.read_text()) == rows
