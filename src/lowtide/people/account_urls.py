"""The addresses of sign-in: those of django-allauth that a clinic needs, and no others.

Nobody signs up, nobody confirms an e-mail, and a forgotten password is reset by a colleague, not by a mail.
"""

from allauth.account import views as account
from django.urls import include, path

from lowtide.people.views import cannot_sign_in

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", cannot_sign_in, name="account_reset_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
