"""Addresses of the patient's own place that other rooms answer: documents, data for another clinic, the whole record."""

from django.urls import path

from lowtide.documents import own_views
from lowtide.exchange.pages import own
from lowtide.site.own_record import own_record

urlpatterns = [
    path("after-your-visit", own_views.aftercare, name="my_aftercare"),
    path("passport", own_views.own_passport, name="my_passport"),
    path("passport.pdf", own_views.printed_passport, name="my_passport_pdf"),
    path("passport.json", own.own_passport, name="my_passport_fhir"),
    path("record.zip", own_record, name="my_record"),
]
