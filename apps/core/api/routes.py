"""The routes of allauth that the dashboard uses; the others are for accounts with addresses."""

SIGN_IN = "/_allauth/"
ROUTES = f"{SIGN_IN}browser/v1"
PASSWORD_CHANGE = f"{ROUTES}/account/password/change"
