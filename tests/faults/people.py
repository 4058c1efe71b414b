"""A nurse with a sign-in, and a patient to write about, in a database that is committed to for real."""

from importlib import import_module
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from lowtide.people.models import User
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.clinic import Clinic, Staff
from lowtide.record.entries.identity import Patient
from tests.conftest import CLINIC, said


def clinic() -> None:
    body = Clinic(name="Test Clinic", zone="Europe/Berlin", country="DE", crisis_line="555 0100", demo=True)
    store.append([said(body, CLINIC, source=Source.SYSTEM)])


def patient() -> UUID:
    who = uuid4()
    store.append([said(Patient(family="Testperson", given="Ada"), f"chart:{who}")])
    return who


def session_cookie(role: str) -> str:
    """The cookie of somebody with this role who has just signed in."""
    login = f"{role}-{uuid4().hex[:6]}"
    user = User.objects.create_user(login)
    staff = Staff(staff=uuid4(), name=f"Test {role}", roles=(role,), login=login)
    store.append([said(staff, CLINIC, by="system:setup", source=Source.SYSTEM)])
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
