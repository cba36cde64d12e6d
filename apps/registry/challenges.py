"""What a server demands of whoever asks: the challenges of `WWW-Authenticate`.

Source: RFC 9110, section 11.6.1. Servers also leave values unquoted that should be quoted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

QUOTED = r'"(?:[^"\\]|\\.)*"'
# What stands between commas; a quoted text may hold commas.
ELEMENT = re.compile(rf'(?:{QUOTED}|[^,"]|")+')
WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PARAMETER = re.compile(rf'({WORD})\s*=\s*({QUOTED}|[^\s"=][^\s"]*)')
SCHEME = re.compile(rf"({WORD})(?:\s+(.*))?", re.DOTALL)
# What is longer is made to take long: an open quote is looked for again from each further one.
LONGEST_HEADER = 4096
ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to be let in; names of schemes and parameters are in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def challenges_in(headers: Iterable[str]) -> list[Challenge]:
    """Return every challenge, in order, of one header or several; what is none is left out."""
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
        # Of two of one name the first counts, as nobody says which is meant.
        found[-1][1].setdefault(parameter[1].lower(), unquoted(parameter[2]))


def unquoted(value: str) -> str:
    """Return a value without its quotes."""
    return ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
