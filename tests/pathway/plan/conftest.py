"""Courses are planned from today on and weights are of today: the clinic is where it is noon, whenever this runs."""

from tests.pathway.session.test_pages import clinic_zone

__all__ = ["clinic_zone"]
