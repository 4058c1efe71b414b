"""Addresses of the referrals, under referrals/."""

from django.urls import path

from lowtide.portal.referrals import views

app_name = "referrals"
urlpatterns = [
    path("", views.waiting, name="list"),
    path("<uuid:item>", views.one, name="one"),
    path("<uuid:item>/take", views.take, name="take"),
    path("<uuid:item>/contact", views.contact, name="contact"),
    path("<uuid:item>/open", views.open_chart, name="open"),
    path("<uuid:item>/join", views.join, name="join"),
    path("<uuid:item>/decline", views.decline, name="decline"),
]
