"""JSON in, strictly."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser

from core.api.documents import read_document


class PayloadTooLarge(APIException):
    status_code = 413
    default_detail = gettext_lazy("The body is larger than this API accepts.")
    default_code = "payload_too_large"


class JSONParser(BaseParser):
    """Read a JSON object of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Any = None,
    ) -> Any:
        return read_document(read_body(stream))


def read_body(stream: Any) -> bytes:
    """Read the body, refusing one that is too large."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    try:
        body: bytes = stream.read(limit + 1)
    except RequestDataTooBig as error:
        raise PayloadTooLarge from error
    if len(body) > limit:
        raise PayloadTooLarge
    return body
