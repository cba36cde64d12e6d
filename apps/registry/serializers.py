"""How models and versions look from outside."""

import math
import re
from typing import Any
from urllib.parse import urlsplit

from rest_framework import serializers

from core.api.fields import BoundedDict
from core.api.serializers import ModelSerializer, Serializer
from core.messages import Message
from core.names import validate_dns_label, validate_version_name
from registry.models import ModelVersion, RegisteredModel

SHORT_NAME = re.compile(r".{1,255}", re.DOTALL)


class LabelsField(BoundedDict):
    """A bounded map of short texts."""

    child = serializers.CharField(max_length=255, allow_blank=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(key=SHORT_NAME, **kwargs)


class MetricField(serializers.FloatField):
    """A finite number."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if isinstance(data, bool) or not math.isfinite(value):
            raise serializers.ValidationError(str(Message("A metric is a finite number.")))
        return value


class SourceSerializer(Serializer):
    """Where a version comes from."""

    git_commit = serializers.RegexField(r"^[0-9a-f]{7,64}$", required=False)
    url = serializers.URLField(max_length=500, required=False)

    def validate_url(self, url: str) -> str:
        if urlsplit(url).scheme not in ("http", "https"):
            raise serializers.ValidationError(str(Message("Use an http or https address.")))
        return url


class RegisteredModelSerializer(ModelSerializer):
    """A model, with its latest version."""

    project = serializers.SlugRelatedField("name", read_only=True)
    latest_version = serializers.CharField(read_only=True, allow_null=True, default=None)
    versions_total = serializers.IntegerField(read_only=True, default=0)
    labels = LabelsField(default=dict)

    class Meta:
        model = RegisteredModel
        fields = [
            "name",
            "project",
            "description",
            "labels",
            "latest_version",
            "versions_total",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["created_at", "updated_at"]
        extra_kwargs = {"name": {"validators": [validate_dns_label]}}


class ModelUpdateSerializer(ModelSerializer):
    """What may be changed of a model."""

    labels = LabelsField(required=False)

    class Meta:
        model = RegisteredModel
        fields = ["description", "labels"]


class VersionSerializer(ModelSerializer):
    """An immutable version."""

    model = serializers.SlugRelatedField("name", read_only=True)
    source = SourceSerializer()
    metrics = serializers.DictField(child=serializers.FloatField())
    labels = LabelsField()

    class Meta:
        model = ModelVersion
        fields = [
            "version",
            "model",
            "image",
            "requested_image",
            "artifact_uri",
            "digest",
            "runtime",
            "framework",
            "source",
            "metrics",
            "labels",
            "created_by",
            "created_by_kind",
            "created_by_token",
            "created_at",
        ]


class VersionCreateSerializer(Serializer):
    """What a new version is: an image, an artefact with its digest, or both."""

    version = serializers.CharField(max_length=63, validators=[validate_version_name])
    image = serializers.CharField(max_length=512, default="", allow_blank=True)
    artifact_uri = serializers.CharField(max_length=1024, default="", allow_blank=True)
    digest = serializers.CharField(max_length=71, default="", allow_blank=True)
    runtime = serializers.CharField(max_length=100, default="", allow_blank=True)
    framework = serializers.CharField(max_length=100, default="", allow_blank=True)
    source = SourceSerializer(default=dict)
    metrics = BoundedDict(key=SHORT_NAME, child=MetricField(), default=dict)
    labels = LabelsField(default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["image"] and not attrs["artifact_uri"]:
            raise serializers.ValidationError(
                str(Message("Give an image, or an artifact_uri with its digest, or both."))
            )
        if attrs["digest"] and not attrs["artifact_uri"]:
            raise serializers.ValidationError(
                {"digest": str(Message("It is the digest of an artifact_uri."))}
            )
        return attrs
