"""Sign-in names, temporary passwords, and how easy a password is to guess."""

import re
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from lowtide.people.models import User
from lowtide.problems import bad

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,58}")


def check_login(login: str) -> None:
    """Raises BadInput for what cannot be a sign-in name."""
    if not LOGIN.fullmatch(login):
        raise bad(
            f"“{login}” is no sign-in name",
            "login",
            "Use two or more small letters, digits, dots, hyphens or underscores.",
        )


def check_password(password: str, login: str) -> None:
    """Raises BadInput when the password is too easy to guess."""
    try:
        validate_password(password, User(username=login))
    except ValidationError as error:
        rules = " ".join(password_validators_help_texts())
        raise bad(" ".join(error.messages).rstrip("."), "password", rules) from None


def temporary(user: User, now: datetime) -> str:
    """Give the sign-in a password that opens nothing but its change, for a few days; every open sign-in ends."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    user.set_password(password)
    user.temporary_until = now + timedelta(seconds=settings.TEMPORARY_PASSWORD_S)
    user.save()
    return password
