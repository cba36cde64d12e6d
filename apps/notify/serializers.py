"""How audit rows and Slipway's own parts look from outside."""

from typing import Any

from rest_framework import serializers

from audit.models import AuditEvent
from core.api.fields import AccountField
from core.api.serializers import Serializer
from notify.parts import PART_NAMES, State


class AuditEventSerializer(serializers.ModelSerializer):
    """Who did what to which object."""

    class Meta:
        model = AuditEvent
        fields = [
            "id",
            "at",
            "actor",
            "action",
            "object_kind",
            "object_id",
            "object_name",
            "project",
            "before",
            "after",
            "request_id",
        ]


class PartSerializer(Serializer):
    """One part: how it is, since when that is known, and what is wrong."""

    name: Any = serializers.ChoiceField(choices=PART_NAMES)
    instance = serializers.CharField()
    state: Any = serializers.ChoiceField(choices=State.choices)
    observed_at: Any = serializers.DateTimeField(allow_null=True)
    version = serializers.CharField()
    reason = serializers.CharField()
    message = AccountField()


class PlatformSerializer(Serializer):
    """Slipway itself; `simulated` says that there are nodes without real machines behind them."""

    simulated = serializers.BooleanField()
    parts: Any = PartSerializer(many=True)
