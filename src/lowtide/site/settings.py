"""Django settings. What differs between clinics comes from the home and the environment (`home`)."""

import os
from pathlib import Path

from lowtide.site.home import database, home, is_demo, mail_server, public_address, secret_key

BASE = Path(__file__).parent
SECRET_KEY = secret_key()
DEBUG = False
DEMO = is_demo()
SECURE = os.environ.get("LOWTIDE_TLS") == "1"
ALLOWED_HOSTS = ["*"] if DEMO else os.environ.get("LOWTIDE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("LOWTIDE_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "lowtide.record",
    "lowtide.people",
    "lowtide.safe",
    "lowtide.pathway.course",
    "lowtide.pathway.safety",
    "lowtide.pathway.evaluate",
    "lowtide.pathway.plan",
    "lowtide.pathway.session",
    "lowtide.pathway.outcomes",
    "lowtide.pathway.maintenance",
    "lowtide.exchange",
    "lowtide.portal",
    "lowtide.documents",
    "lowtide.site",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lowtide.site.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lowtide.people.middleware.SignedInOnly",
    "lowtide.people.wrong.told_not_allowed",
]
ROOT_URLCONF = "lowtide.site.urls"
ASGI_APPLICATION = "lowtide.site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lowtide.site.context.page",
            ],
            "builtins": ["lowtide.people.templatetags.lowtide"],
        },
    }
]
DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "lowtide.people.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
# Wrong passwords are counted by people.lockout; these hold back floods, and guesses at a second step.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "5/5m/key", "reauthenticate": "10/m/user"}
SIGN_IN_TRIES = 5
SIGN_IN_LOCK_S = 15 * 60
TEMPORARY_PASSWORD_S = 3 * 24 * 3600
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_ISSUER = "Lowtide"
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_S = 12 * 3600
SESSION_IDLE_S = int(os.environ.get("LOWTIDE_IDLE_S", "1800"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lowtide.people.lost_post.stale_form"
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
UPLOADS = home() / "uploads"  # files between preview and confirmation; see exchange/uploads.py
UPLOADS.mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_TEMP_DIR = UPLOADS
DEVICES = (
    home() / "devices"
)  # devices' messages between their answer and the flowsheet; see exchange/devices/spool.py

LANGUAGE_CODE = "en-gb"
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
LANGUAGES = [("en-gb", "English"), ("es", "Español")]
MAIL_IS_SET_UP = bool(os.environ.get("LOWTIDE_MAIL_URL"))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL_IS_SET_UP else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = mail_server()
PUBLIC_ADDRESS = public_address()
DEFAULT_FROM_EMAIL = os.environ.get("LOWTIDE_MAIL_FROM", "lowtide@localhost")
EMAIL_TIMEOUT = 20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOWTIDE_LOG", "WARNING")},
}
