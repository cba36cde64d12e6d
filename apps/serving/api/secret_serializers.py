"""How the API shows secrets: their names, keys and age, never their values."""

import re
from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from core.api.fields import BoundedDict
from core.api.serializers import ModelSerializer, Serializer
from serving.models import Secret
from serving.secrets.actions import LARGEST_SECRET
from serving.secrets.use import SecretUse

# Source: kubernetes.io/docs/concepts/configuration/secret; a file is not named `.` or `..*`.
KEY = re.compile(r"(?!\.\.)(?!\.\Z)[-._A-Za-z0-9]{1,253}")
host = RegexValidator(
    r"^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[-._A-Za-z0-9/]*)?\Z",
    gettext_lazy("Use the address of a registry, such as registry.example.com."),
)


def secret_text(**options: Any) -> serializers.CharField:
    """Return a field whose value can be written and is never shown."""
    return serializers.CharField(write_only=True, trim_whitespace=False, **options)


class SecretUserSerializer(Serializer):
    """A service that uses a secret, and the version that its pods have."""

    service = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)


class SecretSerializer(ModelSerializer):
    """A secret: its keys, its age, who changed it and which services use it."""

    used_by = serializers.SerializerMethodField()

    class Meta:
        model = Secret
        fields = ["name", "keys", "version", "changed_by", "created_at", "updated_at", "used_by"]
        read_only_fields = fields
        extra_kwargs = {"keys": {"help_text": "The keys, in order."}}

    def get_fields(self) -> dict[str, Any]:
        keys = serializers.ListField(child=serializers.CharField(), read_only=True)
        fields = super().get_fields()
        return {**fields, "keys": keys} if "keys" in fields else fields

    def get_used_by(self, secret: Secret) -> SecretUserSerializer(many=True):  # type: ignore[valid-type]
        users: list[SecretUse] = self.context["uses"].get((secret.kind, secret.name), [])
        return SecretUserSerializer(users, many=True).data


class PullCredentialSerializer(SecretSerializer):
    """A registry login, with which every service of the environment pulls its image."""

    class Meta(SecretSerializer.Meta):
        fields = ["name", "server", "version", "changed_by", "created_at", "updated_at", "used_by"]
        read_only_fields = fields
        extra_kwargs: dict[str, Any] = {}


class SecretValuesSerializer(Serializer):
    """The values that replace everything a secret holds."""

    values = BoundedDict(
        key=KEY, child=secret_text(max_length=LARGEST_SECRET, allow_blank=True), write_only=True
    )


class SecretChangesSerializer(Serializer):
    """Keys to change; null removes one."""

    values = BoundedDict(
        key=KEY,
        child=secret_text(max_length=LARGEST_SECRET, allow_blank=True, allow_null=True),
        write_only=True,
    )


class LoginSerializer(Serializer):
    """The registry that a pull credential is for, and the login to use there."""

    server = serializers.CharField(max_length=255, validators=[host])
    username = secret_text(max_length=255)
    password = secret_text(max_length=16_384)
