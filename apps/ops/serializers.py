"""How Slipway's own parts look from outside."""

from rest_framework import serializers

from core.api.fields import AccountField
from core.api.serializers import Serializer
from ops.components import PART_NAMES, State


class PartSerializer(Serializer):
    """One part: how it is, since when that is known, and what is wrong."""

    name = serializers.ChoiceField(choices=PART_NAMES)
    instance = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    observed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.CharField()
    reason = serializers.CharField()
    message = AccountField()


class FaultSerializer(Serializer):
    """What a loop met and did not expect, and outlived; the last of it is for platform admins."""

    loop = serializers.CharField()
    cluster = serializers.CharField()
    count = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    last_object = serializers.CharField()
    last_error = serializers.CharField()


class PlatformSerializer(Serializer):
    """Slipway itself; `simulated` says that there are nodes without real machines behind them."""

    simulated = serializers.BooleanField()
    parts = PartSerializer(many=True)
    faults = FaultSerializer(many=True)
