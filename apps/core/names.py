"""Names: what becomes a Kubernetes name, and what is read as the name of somebody else."""

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

# Who acts by itself, and what only somebody of rank is called.
OF_THE_SYSTEM = {"slipway", "system", "kubernetes", "anonymous", "robot"}
OF_RANK = {"admin", "administrator", "platformadmin", "root", "superuser"}
# Cyrillic and Greek letters that are drawn as Latin ones once case is folded (Unicode TR 39).
DRAWN_ALIKE = str.maketrans(
    "авсԁеһіјкӏмпорԛгѕтѵԝхуαεικνορτυχγ", "abcdehijklmnopqrstvwxyaeikvoptuxy"
)
# What is told apart by one stroke.
STROKES = str.maketrans("il1|0", "llllo")
# Letters and signs that nothing is drawn for, besides those whose category says so.
BLANK = set("\u115f\u1160\u2800\u3164\uffa0") | {chr(n) for n in range(0xFE00, 0xFE10)}


def skeleton(name: str) -> str:
    """Return what a name looks like: two names of one skeleton are taken for each other."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded.translate(DRAWN_ALIKE)


def pretends(name: str, *, is_of_rank: bool = False) -> bool:
    """Return whether a name is, or is easily read as, that of the system or of somebody of rank."""
    letters = unicodedata.normalize("NFKD", skeleton(name)).translate(STROKES)
    read = "".join(filter(str.isalnum, letters))
    taken = OF_THE_SYSTEM if is_of_rank else OF_THE_SYSTEM | OF_RANK
    return read in {name.translate(STROKES) for name in taken}


def is_drawn(name: str) -> bool:
    """Return whether every character of a name can be seen; between words there is one blank."""
    is_spaced = name == " ".join(name.split())
    return is_spaced and not any(
        character in BLANK or unicodedata.category(character)[0] == "C" for character in name
    )
