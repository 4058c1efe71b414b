"""Addresses of the exchange: imports, the inbox, what a chart holds from elsewhere."""

from django.urls import path

from lowtide.exchange.pages import devices, imports, inbox, kept

app_name = "exchange"

urlpatterns = [
    path("import/", imports.choose, name="import"),
    path("import/<str:token>/", imports.preview, name="preview"),
    path("import/<str:token>/done", imports.done, name="done"),
    path("import/<str:token>/leave", imports.leave, name="leave"),
    path("inbox/", inbox.waiting, name="inbox"),
    path("inbox/<uuid:item>", inbox.one, name="inbox_item"),
    path("clinic/devices", devices.clinic_devices, name="clinic_devices"),
    path("clinic/devices/<str:device>/retire", devices.retire, name="retire_device"),
    path("patients/<uuid:patient>/sessions/<uuid:session>/devices", devices.devices, name="devices"),
    path("patients/<uuid:patient>/sessions/<uuid:session>/devices/off", devices.take_off, name="take_off"),
    path("patients/<uuid:patient>/sessions/<uuid:session>/devices/live", devices.strip, name="device_strip"),
    path("patients/<uuid:patient>/elsewhere", kept.resources, name="resources"),
    path("patients/<uuid:patient>/elsewhere/<uuid:entry>", kept.resource, name="resource"),
]
