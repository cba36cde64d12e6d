"""What a server demands of its clients: the challenges of `WWW-Authenticate`.

Source: RFC 9110, section 11.6.1. Some servers leave values unquoted that should be quoted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

QUOTED = r'"(?:[^"\\]|\\.)*"'
# An element between commas; quoted text may contain commas itself.
ELEMENT = re.compile(rf'(?:{QUOTED}|[^,"]|")+')
WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PARAMETER = re.compile(rf'({WORD})\s*=\s*({QUOTED}|[^\s"=][^\s"]*)')
SCHEME = re.compile(rf"({WORD})(?:\s+(.*))?", re.DOTALL)
# A longer one is meant to take long: each quote starts another search for the closing one.
LONGEST_HEADER = 4096
ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate; names of schemes and parameters are in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def challenges_in(headers: Iterable[str]) -> list[Challenge]:
    """Return every challenge of one header or several, in order; anything else is left out."""
    found: list[tuple[str, dict[str, str]]] = []
    for header in headers:
        # Each header begins with a scheme of its own.
        found_here: list[tuple[str, dict[str, str]]] = []
        for element in ELEMENT.findall(header[:LONGEST_HEADER]):
            add_element(found_here, element.strip())
        found += found_here
    return [Challenge(scheme, parameters) for scheme, parameters in found]


def add_element(found: list[tuple[str, dict[str, str]]], element: str) -> None:
    """Add a parameter to the last challenge, or begin the next one."""
    parameter = PARAMETER.fullmatch(element)
    if parameter is None:
        scheme = SCHEME.fullmatch(element)
        if scheme is None:
            return
        found.append((scheme[1].lower(), {}))
        parameter = PARAMETER.fullmatch((scheme[2] or "").strip())
    if parameter is not None and found:
        # Of two parameters with the same name the first counts, as no rule says which is meant.
        found[-1][1].setdefault(parameter[1].lower(), unquoted(parameter[2]))


def unquoted(value: str) -> str:
    """Return a value without its quotes."""
    return ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
