"""How accounts look from outside."""

from rest_framework import serializers

from accounts.models import ApiToken, User


class TokenScopeSerializer(serializers.ModelSerializer):
    """The token a caller came with."""

    class Meta:
        model = ApiToken
        fields = ["name", "prefix", "expires_at"]


class UserSerializer(serializers.ModelSerializer):
    """An account, as its owner sees it."""

    is_platform_admin = serializers.BooleanField(source="is_superuser")
    name = serializers.CharField(source="actor_name")

    class Meta:
        model = User
        fields = ["username", "name", "is_platform_admin", "is_robot", "language"]
