"""Addresses that anybody may open."""

from django.urls import path

from lowtide.portal.how_it_works.views import how_it_works

urlpatterns = [path("how-it-works", how_it_works, name="how_it_works")]
