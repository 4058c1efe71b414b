"""Addresses of the patient's own place, under my/."""

from django.urls import path

from lowtide.portal import agreeing, asked_views, calendar_views, escort_views, reading, views, writing
from lowtide.portal.own_goal import views as own_goal
from lowtide.portal.reminders import own_views as reminders
from lowtide.portal.sign_in import keys
from lowtide.portal.sign_in import views as door

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("enter", door.enter, name="enter"),
    path("enter/code", door.code, name="code"),
    path("link/<str:code>", door.link, name="link"),
    path("leave", door.leave, name="leave"),
    path("left", door.left, name="left"),
    path("language", door.language, name="language"),
    path("questions", asked_views.questions, name="questions"),
    path("questions/done", asked_views.done, name="done"),
    path("scales", asked_views.scales, name="scales"),
    path("scales/<slug:scale>", asked_views.scale, name="scale"),
    path("checks/<slug:check>", asked_views.check, name="check"),
    path("course", views.course, name="course"),
    path("goals", own_goal.goals, name="goals"),
    path("help", views.urgent_help, name="help"),
    path("more", views.more, name="more"),
    path("treatment", reading.treatment, name="treatment"),
    path("session", reading.session, name="session"),
    path("side-effects", reading.side_effects, name="side_effects"),
    path("costs", reading.costs, name="costs"),
    path("messages", writing.conversation, name="messages"),
    path("data", writing.own_data, name="own_data"),
    path("devices/forget", writing.forget_devices, name="forget_devices"),
    path("keys", keys.keys, name="keys"),
    path("keys/add", keys.add, name="add_key"),
    path("keys/<int:passkey>/remove", keys.remove, name="remove_key"),
    path("enter/key", keys.enter, name="enter_by_key"),
    path("consent", agreeing.overview, name="consent"),
    path("consent/sign", agreeing.sign, name="sign_consent"),
    path("consent/<uuid:entry>/take-back", agreeing.withdraw, name="withdraw_consent"),
    path("reminders", reminders.reminders, name="reminders"),
    path("escort", escort_views.escort, name="escort"),
    path("calendar", calendar_views.calendar, name="calendar"),
]
