"""Kubernetes quantities: parsed once at the border, integers in a declared unit inside.

Source: kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity
"""

import re
from decimal import ROUND_CEILING, Decimal

from core.messages import Message

QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:\d{1,19}(?:\.\d{0,9})?|\.\d{1,9}))"
    r"(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2})?",
    re.ASCII,
)
DECIMAL_SUFFIXES = {
    "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
}  # fmt: skip
BINARY_SUFFIXES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
# The API server keeps quantities in signed 64-bit integers.
LARGEST = 2**63 - 1


def parse_quantity(text: object, *, unit: Decimal = Decimal(1)) -> int:
    """Return a quantity as a whole number of `unit`, rounded up as Kubernetes does.

    Raises:
        ValueError: not a quantity, negative, or too large.
    """
    amount = exact_quantity(text) / unit
    if amount < 0:
        raise ValueError(Message("A quantity must not be negative."))
    whole = int(amount.to_integral_value(ROUND_CEILING))
    if whole > LARGEST:
        raise ValueError(Message("%(text)s is larger than any cluster can hold.", text=text))
    return whole


def exact_quantity(text: object) -> Decimal:
    """Return the exact value of a quantity, of any size.

    Raises:
        ValueError: not a quantity.
    """
    written = quantity_text(text)
    match = QUANTITY.fullmatch(written)
    if match is None:
        raise ValueError(
            Message("'%(text)s' is not a quantity. Write it as 500m, 4 or 8Gi.", text=written[:40])
        )
    return Decimal(match["number"]) * multiplier(match["suffix"] or "")


def quantity_text(value: object) -> str:
    """Return what may be a quantity as text: JSON may hold a number in place of it.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(Message("A quantity is a string such as 500m, 4 or 8Gi."))
    return str(value)


def multiplier(suffix: str) -> Decimal:
    """Return what a quantity's suffix multiplies by."""
    if suffix in BINARY_SUFFIXES:
        return Decimal(2) ** BINARY_SUFFIXES[suffix]
    if suffix in DECIMAL_SUFFIXES:
        return Decimal(10) ** DECIMAL_SUFFIXES[suffix]
    return Decimal(10) ** int(suffix[1:])


def format_millicores(millicores: int) -> str:
    """Write CPU in the one spelling we return: whole cores, else millicores."""
    cores, rest = divmod(millicores, 1000)
    return f"{millicores}m" if rest else str(cores)


def format_bytes(amount: int) -> str:
    """Write bytes in the one spelling we return: the shortest exact one, binary first."""
    binary = [
        f"{amount >> bits}{s}" for s, bits in BINARY_SUFFIXES.items() if fits(amount, 1 << bits)
    ]
    decimal = [
        f"{amount // 10**power}{s}"
        for s, power in DECIMAL_SUFFIXES.items()
        if power > 0 and fits(amount, 10**power)
    ]
    return min([*reversed(binary), *reversed(decimal), str(amount)], key=len)


def fits(amount: int, unit: int) -> bool:
    """Return whether `amount` is a positive whole number of `unit`."""
    return amount >= unit and amount % unit == 0
