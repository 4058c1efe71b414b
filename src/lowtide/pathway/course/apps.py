"""The course step as a Django application."""

from django.apps import AppConfig


class CourseConfig(AppConfig):
    name = "lowtide.pathway.course"
