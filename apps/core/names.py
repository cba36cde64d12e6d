"""Names: what may become a Kubernetes name, and what can be taken for somebody else's."""

import unicodedata

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy

# RFC 1123 label, as namespaces and Services require. A Deployment's pods add a suffix of
# up to 17 characters to it within 63.
DNS_LABEL = r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"

validate_dns_label = RegexValidator(
    rf"^{DNS_LABEL}\Z",
    gettext_lazy(
        "Use lower-case letters, digits and '-', starting with a letter, at most 63 characters."
    ),
    code="dns_label",
)
validate_version_name = RegexValidator(
    r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z",
    gettext_lazy(
        "Use letters, digits, '-', '_' and '.', starting and ending with a letter or digit, "
        "at most 63 characters."
    ),
    code="version_name",
)

# Names of what acts by itself, and names that only people of rank have.
OF_THE_SYSTEM = {"slipway", "system", "kubernetes", "anonymous", "robot"}
OF_RANK = {"admin", "administrator", "platformadmin", "root", "superuser"}
# Cyrillic and Greek letters that are drawn as Latin ones once case is folded (Unicode TR 39).
DRAWN_ALIKE = str.maketrans(
    "авсԁеһіјкӏмпорԛгѕтѵԝхуαεικνορτυχγ", "abcdehijklmnopqrstvwxyaeikvoptuxy"
)
# Characters that differ in one stroke.
STROKES = str.maketrans("il1|0", "llllo")
# Characters that are drawn as nothing, besides those whose category says so.
BLANK = set("\u115f\u1160\u2800\u3164\uffa0") | {chr(n) for n in range(0xFE00, 0xFE10)}


def skeleton(name: str) -> str:
    """Return what a name looks like: two names with the same skeleton are easily confused."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded.translate(DRAWN_ALIKE)


def pretends(name: str, *, is_of_rank: bool = False) -> bool:
    """Return whether a name is, or is easily read as, that of the system or of somebody of rank."""
    letters = unicodedata.normalize("NFKD", skeleton(name)).translate(STROKES)
    read = "".join(filter(str.isalnum, letters))
    taken = OF_THE_SYSTEM if is_of_rank else OF_THE_SYSTEM | OF_RANK
    return read in {name.translate(STROKES) for name in taken}


def is_drawn(name: str) -> bool:
    """Return whether all characters of a name are visible, with single blanks between words."""
    is_spaced = name == " ".join(name.split())
    return is_spaced and not any(
        character in BLANK or unicodedata.category(character)[0] == "C" for character in name
    )
