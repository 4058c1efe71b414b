"""Addresses of people: who they are, their record, the clinic, and who read what."""

from django.urls import include, path

from lowtide.people import access, lost_post
from lowtide.people.hours import views as hours
from lowtide.people.patients import views as patients
from lowtide.people.record_pages import views as record
from lowtide.people.staff import views as staff
from lowtide.people.tablets import clinic_pages, pages
from lowtide.people.tablets import views as tablets

app_name = "people"

of_one_patient = [
    path("who", patients.who, name="who"),
    path("who/correct", patients.correct, name="correct_identity"),
    path("who/sign-in", patients.sign_in, name="patient_sign_in"),
    path("same-person", patients.same_person, name="same_person"),
    path("same-person/link", patients.link, name="link"),
    path("same-person/unlink", patients.unlink, name="unlink"),
    path("same-person/another", patients.tell_apart, name="tell_apart"),
    path("notes/new", record.write_note, name="write_note"),
    path("record", record.record, name="chart"),
    path("record/<uuid:entry>", record.entry, name="entry"),
    path("record/<uuid:entry>/correct", record.correct, name="correct_entry"),
    path("record/<uuid:entry>/error", record.retract, name="retract_entry"),
    path("record/<uuid:entry>/wrong-patient", record.move, name="move_entry"),
    path("record/<uuid:entry>/redact", record.redact, name="redact_entry"),
]

urlpatterns = [
    path("patients/", patients.patients, name="patients"),
    path("patients/new", patients.register, name="register"),
    path("patients/<uuid:patient>/", include(of_one_patient)),
    path("clinic/", staff.clinic, name="clinic"),
    path("clinic/hours", hours.hours, name="hours"),
    path("clinic/hours/nurses", hours.nurses, name="set_nurses"),
    path("clinic/hours/closed", hours.close, name="close_days"),
    path("clinic/hours/closed/<uuid:closed>/open", hours.open_again, name="open_again"),
    path("clinic/change", staff.change_clinic, name="change_clinic"),
    path("clinic/chairs", staff.save_chair, name="save_chair"),
    path("clinic/staff/new", staff.add_staff, name="add_staff"),
    path("clinic/staff/<uuid:staff>", staff.change_staff, name="change_staff"),
    path("clinic/staff/<uuid:staff>/password", staff.reset_password, name="reset_password"),
    path("access/", access.review, name="access"),
    path("access/export", access.export, name="access_export"),
    path("clinic/tablets/", clinic_pages.tablets, name="tablets"),
    path("clinic/tablets/<uuid:device>/<slug:what>", clinic_pages.change_tablet, name="change_tablet"),
    path("me/pin", pages.own_pin, name="own_pin"),
    path("me/pin/forget", pages.forget_pin, name="forget_pin"),
    path("tablet/", pages.open_tablet, name="tablet_open"),
    path("tablet/lock", pages.lock, name="tablet_lock"),
    path("tablet/full-sign-in", pages.full_sign_in, name="full_sign_in"),
    path("tablet/names", tablets.names, name="tablet_names"),
    path("tablet/token", tablets.token, name="tablet_token"),
    path("tablet/unlock", tablets.unlock, name="tablet_unlock"),
    path("again/<str:token>", lost_post.again, name="lost_post_again"),
]
