"""Bring files into the record: plan, then one append for each patient, all or none of it.

The command and the pages use the same functions. An import that meets another one writing at the same time plans
again; nothing is written twice, for ids are made from what is written.
"""

CLINIC = "clinic:main"
TRIES = 5
