"""Addresses that anybody may open."""

from django.urls import path

from lowtide.portal.how_it_works.views import how_it_works
from lowtide.portal.people_ask import views as asked
from lowtide.portal.prescreen import views as prescreen

urlpatterns = [
    path("how-it-works", how_it_works, name="how_it_works"),
    path("questions/", asked.every_question, name="asked"),
    path("questions/claims", asked.what_people_say, name="asked_claims"),
    path("questions/<slug:slug>", asked.one_question, name="asked_one"),
    path("is-this-for-me", prescreen.ask, name="prescreen"),
    path("is-this-for-me/contact", prescreen.send, name="prescreen_send"),
]
