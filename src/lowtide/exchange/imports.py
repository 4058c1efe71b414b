"""Bring files into the record: plan, then one append for each patient, all or none of it.

The command and the pages use the same functions. An import that meets another one writing at the same time plans
again; nothing is written twice, for ids are made from what is written.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lowtide.exchange.fhir.groups import COUNTED, Group
from lowtide.exchange.fhir.known import Known, LookAlike
from lowtide.exchange.fhir.placement import INBOX
from lowtide.exchange.fhir.plan import Circumstances, Kept, Plan, Refusal, make
from lowtide.exchange.fhir.reader import File
from lowtide.exchange.recorded import Recorded
from lowtide.exchange.words import said_change
from lowtide.people.patients.numbers import append_numbered, numbered
from lowtide.problems import Conflict, Refused
from lowtide.record import store
from lowtide.record.entries.base import Draft
from lowtide.record.entries.clinic import Clinic, Filed
from lowtide.record.entries.identity import Patient

CLINIC = "clinic:main"
TRIES = 5
