"""How sign-in behaves here: no self-registration, and each sign-in goes to the access log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from lowtide.record import access_log


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        access_log.log(
            f"login:{user.get_username()}", "signed in", address=request.META.get("REMOTE_ADDR", "")
        )
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        access_log.log(
            f"login:{credentials.get('username', '')}",
            "sign-in failed",
            address=request.META.get("REMOTE_ADDR", ""),
            allowed=False,
        )
        super().authentication_failed(request, **credentials)
