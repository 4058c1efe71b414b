"""The settings of a release to come: the present one and an application that brings a table."""

from lowtide.site.settings import *  # noqa: F403
from lowtide.site.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.next_release"]
