"""Names that become Kubernetes names, checked before any URL or manifest is built."""

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
