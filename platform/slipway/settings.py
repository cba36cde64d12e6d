"""Settings: the only place that reads the environment."""

import logging
import re
from base64 import b64decode
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import dj_database_url
import structlog
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parents[2]
DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses-to-use"  # noqa: S105
# 32 zero bytes: good for tests and nothing else.
DEVELOPMENT_ENCRYPTION_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
PUBLISHED = {
    "slipway_secret_key": DEVELOPMENT_SECRET,
    "slipway_encryption_key": DEVELOPMENT_ENCRYPTION_KEY,
}
KEY_BYTES = 32
HOST = re.compile(r"\*|\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?|\[[0-9a-fA-F:.]+\]")


def listed(text: str) -> list[str]:
    """Split a comma-separated setting."""
    return [part.strip() for part in text.split(",") if part.strip()]


def address(text: str, *schemes: str) -> str:
    """Check that a setting is an address of one of these schemes."""
    parts = urlsplit(text)
    if parts.scheme not in schemes or not (parts.hostname or parts.path.strip("/")):
        raise ValueError(f"it is no address such as {schemes[0]}://host")
    # Raises if the port is not a number.
    _ = parts.port
    return text


def database(text: str) -> str:
    """Check the address of PostgreSQL."""
    return address(text, "postgresql", "postgres", "pgsql")


def redis(text: str) -> str:
    """Check the address of Redis."""
    return address(text, "redis", "rediss", "unix")


def public_url(text: str) -> str:
    """Check the address that people type; it is also an origin, so it has no path."""
    if text and urlsplit(address(text, "https", "http")).path:
        raise ValueError("it is an address without a path, such as https://slipway.example.com")
    return text


def hosts(text: str) -> str:
    """Check a list of host names, with or without ports."""
    for host in listed(text):
        if not HOST.fullmatch(host):
            raise ValueError(f"{host!r} is no host; they are written as slipway.example.com,web")
    return text


def encryption_key(text: str) -> str:
    """Check the key's encoding and length: a wrong one would fail only at the first cluster."""
    try:
        size = len(b64decode(text, altchars=b"-_", validate=True))
    except ValueError as error:
        raise ValueError(f"it is not URL-safe base64 of {KEY_BYTES} random bytes") from error
    if size != KEY_BYTES:
        raise ValueError(f"it has {size} bytes, and {KEY_BYTES} are needed, in URL-safe base64")
    return text


def encryption_keys(text: str) -> str:
    """Check each of the old keys."""
    for key in listed(text):
        encryption_key(key)
    return text


class Variables(BaseSettings):
    """What an operator can set; the names are the environment variables."""

    model_config = SettingsConfigDict(case_sensitive=False)

    database_url: Annotated[str, AfterValidator(database)] = "postgresql://127.0.0.1/slipway"
    redis_url: Annotated[str, AfterValidator(redis)] = "redis://127.0.0.1:6379/0"
    slipway_env: Literal["development", "test", "demo", "production"] = "development"
    slipway_secret_key: str = Field(default=DEVELOPMENT_SECRET, min_length=32)
    slipway_encryption_key: Annotated[str, AfterValidator(encryption_key)] = (
        DEVELOPMENT_ENCRYPTION_KEY
    )
    slipway_old_encryption_keys: Annotated[str, AfterValidator(encryption_keys)] = ""
    slipway_allowed_hosts: Annotated[str, AfterValidator(hosts)] = "testserver"
    slipway_public_url: Annotated[str, AfterValidator(public_url)] = ""
    slipway_image_registries: Annotated[str, AfterValidator(hosts)] = ""
    slipway_insecure_registries: Annotated[str, AfterValidator(hosts)] = ""
    slipway_gateway_namespaces: str = ""
    slipway_prometheus_namespaces: str = ""
    # How many of our own proxies in front add to X-Forwarded-For; nobody else is believed.
    slipway_trusted_proxies: int = Field(default=0, ge=0, le=10)
    # Whether the API's document and its page are shown without signing in.
    slipway_public_schema: bool = False
    slipway_state_dir: Path = BASE_DIR / ".slipway"
    slipway_log_format: Literal["console", "json"] = "console"

    @model_validator(mode="after")
    def is_no_published_secret(self) -> Self:
        """Refuse to run production with a secret that everybody can read here."""
        if self.slipway_env == "production":
            for name, published in PUBLISHED.items():
                if getattr(self, name) == published:
                    raise ValueError(f"{name.upper()} is not set; production refuses the default.")
        return self


def read_variables() -> Variables:
    """Read the environment; stop with one line if a value cannot work."""
    try:
        return Variables()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        why = first["msg"].removeprefix("Value error, ")
        name = "".join(str(part) for part in first["loc"]).upper()
        raise SystemExit(f"{name}: {why}" if name else why) from None


ENV = read_variables()
PRODUCTION = ENV.slipway_env == "production"
BEHIND_TLS = ENV.slipway_public_url.startswith("https://")

DEBUG = False
SECRET_KEY = ENV.slipway_secret_key
ENCRYPTION_KEY = ENV.slipway_encryption_key
OLD_ENCRYPTION_KEYS = listed(ENV.slipway_old_encryption_keys)
# Probes on the machine itself use its loopback address.
ALLOWED_HOSTS = [*listed(ENV.slipway_allowed_hosts), "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = listed(ENV.slipway_public_url)
REDIS_URL = ENV.redis_url
IMAGE_REGISTRIES = listed(ENV.slipway_image_registries)
INSECURE_REGISTRIES = listed(ENV.slipway_insecure_registries)
# The namespaces whose pods may reach every environment.
PLATFORM_NAMESPACES = [
    *listed(ENV.slipway_gateway_namespaces),
    *listed(ENV.slipway_prometheus_namespaces),
]
STATE_DIR = ENV.slipway_state_dir
PUBLIC_SCHEMA = ENV.slipway_public_schema
TRUSTED_PROXIES = ENV.slipway_trusted_proxies

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "audit",
    "clusters",
    "projects",
    "registry",
    "serving",
    "usage",
    "ops",
]

MIDDLEWARE = [
    "ops.traffic.TrafficMiddleware",
    "core.api.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Above whatever answers by itself, so that static files carry these headers too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.api.sign_in.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "audit.access.RefusalMiddleware",
    "core.api.outages.OutageMiddleware",
]

ROOT_URLCONF = "slipway.urls"
ASGI_APPLICATION = "slipway.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASE = dj_database_url.parse(ENV.database_url)
# A sync view under ASGI runs in a thread of its own, so connections must come from a pool.
DATABASES = {
    "default": {
        **DATABASE,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            # A client that falls silent in a transaction keeps others waiting for its locks. To try
            # every order of the eight joins of a list takes longer than to join them. What is read
            # is in memory, or at least on no turning disk, which is what PostgreSQL assumes.
            "options": "-c idle_in_transaction_session_timeout=30s -c join_collapse_limit=5 "
            "-c random_page_cost=1.1",
            # Tells a server that vanished from one that is merely slow, within 25 s.
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,
            **DATABASE.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": 20, "timeout": 10},
            # Plans are kept: planning the eight joins of a list took longer than running them.
            "server_side_binding": True,
            "prepare_threshold": 5,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "core.cache.JSONCache", "LOCATION": REDIS_URL}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_SERVE_SPECIFICATION = False
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_FAILURE_VIEW = "core.api.problem.csrf_failure"
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# TLS ends at the proxy in front, which is also where plain HTTP is redirected.
SILENCED_SYSTEM_CHECKS = ["security.W008"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        # The component library writes its styles at run time.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# The built dashboard; names under assets/ carry a hash of their content.
DASHBOARD = BASE_DIR / "frontend" / "dist"
WHITENOISE_ROOT = DASHBOARD if DASHBOARD.exists() else None
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "core.api.filters.StrictFilterBackend",
        "core.api.filters.StrictOrderingFilter",
    ],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problem.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    # The format of an answer is chosen by Accept alone.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Slipway",
    "DESCRIPTION": "One-stop operations platform for machine-learning model services.",
    "VERSION": "1",
    "CONTACT": {"name": "The operators of this Slipway"},
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SERVERS": [{"url": "/", "description": "This Slipway"}],
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["core.api.schema.MayReadSchema"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.promise_whole_answers",
        "core.api.schema.allow_overlap",
        "core.api.schema.describe_problems",
        "slipway.examples.add_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RolloutPhase": "serving.models.ROLLOUT_PHASES",
        "RolloutKind": "serving.models.ROLLOUT_KINDS",
        "EnvironmentPhase": "projects.models.Environment.Phase",
        "ForeignFields": "projects.models.Environment.ForeignFields",
        "Role": "projects.models.Role",
        "ActorKind": "accounts.models.ActorKind",
        "Health": "serving.models.HEALTHS",
        "Protocol": "serving.models.Protocol",
    },
}

logging.captureWarnings(True)
LOG_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[*LOG_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOG_RENDERER: Any = (
    structlog.processors.JSONRenderer()
    if ENV.slipway_log_format == "json"
    else structlog.dev.ConsoleRenderer(colors=False)
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": LOG_PROCESSORS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                LOG_RENDERER,
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
