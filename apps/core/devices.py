"""Which resource names are devices, and what part of a card each is: the only table of that."""

import re
from enum import StrEnum
from functools import lru_cache


class DeviceKind(StrEnum):
    """What one of a resource is: a card, a slice of one, a share in one, or no card."""

    WHOLE = "whole"
    SLICE = "slice"
    SHARE = "share"
    AMOUNT = "amount"


WHOLE, SLICE, SHARE, AMOUNT = DeviceKind
DRA = r"deviceclass\.resource\.kubernetes\.io/"

# The first row that matches the whole name decides; a name without a match is no device we know.
# `frontend/src/lib/devices.json` has the same rows, so the patterns must be valid in JavaScript.
TABLE: tuple[tuple[str, DeviceKind], ...] = (
    # NVIDIA's device plugin; time slices and MPS are named as cards are unless they are renamed.
    (r"nvidia\.com/p?gpu", WHOLE),
    (r"nvidia\.com/(gpu|mig-.+)\.shared", SHARE),
    (r"nvidia\.com/mig-.+", SLICE),
    # HAMi, besides the card: MiB, percent, and who goes first.
    (r"nvidia\.com/(gpumem|gpumem-percentage|gpucores|priority)", AMOUNT),
    # Volcano's vGPU, and the sharing of Alibaba's and Tencent's clouds.
    (r"volcano\.sh/vgpu-number", SHARE),
    (r"volcano\.sh/gpu-number|aliyun\.com/gpu", WHOLE),
    (r"volcano\.sh/v?gpu-.+|aliyun\.com/gpu-.+|tencent\.com/vcuda-.+", AMOUNT),
    # AMD's device plugin: one partition that is the whole card, or several.
    (r"amd\.com/(gpu|spx_nps\d+)", WHOLE),
    (r"amd\.com/[dtqc]px_nps\d+", SLICE),
    # Ascend, with the templates of a vNPU; HAMi adds the amounts.
    (r"huawei\.com/(.+-memory|.+-core|npu-core.*)", AMOUNT),
    (r"huawei\.com/Ascend[0-9A-Z]+-\d+c(\..+)?", SLICE),
    (r"huawei\.com/(Ascend[0-9A-Z]+(-\d+)?|npu)", WHOLE),
    (r"gpu\.intel\.com/(i915|xe)|habana\.ai/gaudi", WHOLE),
    (r"gpu\.intel\.com/(millicores|memory\.max|tiles)", AMOUNT),
    # Extended resources of dynamic resource allocation; a class may also be of network cards.
    (DRA + r"mig\..+", SLICE),
    (DRA + r"(.*[.-])?(dra\.net|net|network|nic|rdma|sriov|vf)([.-].*)?", AMOUNT),
    (DRA + r".+", WHOLE),
)
MIG = re.compile(r"nvidia\.com/mig-(.+?)(\.shared)?")
# We read no figures of other makers' cards.
MEASURED = re.compile(rf"nvidia\.com/.+|{DRA}.*nvidia.*")
# How NVIDIA's node labels mark the product of cards that are shared or sliced.
SHARED_PRODUCT, SLICED_PRODUCT = "-SHARED", "-MIG-"


@lru_cache(maxsize=4096)
def device_kind(name: str) -> DeviceKind | None:
    """Return what one of a resource is; None if it is no device that we know."""
    kinds = (kind for pattern, kind in TABLE if re.fullmatch(pattern, name))
    return next(kinds, None)


def kind_on(name: str, product: str) -> DeviceKind | None:
    """Return what one of a resource is on a node whose label tells how cards are handed out."""
    kind = device_kind(name)
    if kind is not WHOLE:
        return kind
    if product.endswith(SHARED_PRODUCT):
        return SHARE
    return SLICE if SLICED_PRODUCT in product else WHOLE


def is_card(name: str) -> bool:
    """Return whether a resource is counted in cards: whole, in slices or in shares."""
    return device_kind(name) in (WHOLE, SLICE, SHARE)


def is_measured(name: str) -> bool:
    """Return whether the exporter that we read knows these cards."""
    return is_card(name) and bool(MEASURED.fullmatch(name))


def mig_profile(name: str) -> str:
    """Return the MIG profile of a resource such as `nvidia.com/mig-1g.5gb`; "" for another."""
    found = MIG.fullmatch(name)
    return found[1] if found else ""


def mig_resource(profile: str) -> str:
    """Return the resource of a MIG profile as DCGM writes it, such as `1g.10gb+me`."""
    return f"nvidia.com/mig-{profile.replace('+', '.')}"
