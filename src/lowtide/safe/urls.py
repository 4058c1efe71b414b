"""Addresses of the controlled-drug safe."""

app_name = "safe"
urlpatterns: list[object] = []
