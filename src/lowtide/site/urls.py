"""The addresses, in the order of care."""

from django.urls import include, path

handler400 = "lowtide.people.wrong.bad_request"
handler403 = "lowtide.people.wrong.forbidden"
handler404 = "lowtide.people.wrong.not_found"
handler500 = "lowtide.site.storage.server_error"
urlpatterns = [
    path("accounts/", include("lowtide.people.account_urls")),
    path("", include("lowtide.people.urls")),
    path("safe/", include("lowtide.safe.urls")),
    path("", include("lowtide.pathway.course.urls")),
    path("", include("lowtide.pathway.safety.urls")),
    path("", include("lowtide.pathway.evaluate.urls")),
    path("", include("lowtide.pathway.plan.urls")),
    path("", include("lowtide.pathway.session.urls")),
    path("", include("lowtide.pathway.outcomes.urls")),
    path("", include("lowtide.pathway.maintenance.urls")),
    path("", include("lowtide.exchange.urls")),
    path("", include("lowtide.documents.urls")),
    path("my/", include("lowtide.portal.urls")),
    path("my/", include("lowtide.site.my_urls")),
    path("patients/<uuid:patient>/", include("lowtide.portal.desk.urls")),
    path("", include("lowtide.portal.public_urls")),
    path("reminders/", include("lowtide.portal.reminders.urls")),
    path("referrals/", include("lowtide.portal.referrals.urls")),
    path("", include("lowtide.site.own_urls")),
    path("", include("lowtide.site.pages")),
]
