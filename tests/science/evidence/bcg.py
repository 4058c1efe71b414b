"""Thirteen trials of BCG vaccine against tuberculosis: the counts on which textbooks of meta-analysis print results.

Counts: Colditz and others, JAMA 1994;271:698 (vaccinated: cases, people without; controls: cases, people without).
Printed results: Viechtbauer, J Stat Softw 2010;36(3) (doi 10.18637/jss.v036.i03), section 5; further digits were read
from the program described there (metafor 3.8-1, R 4.2.2).
"""

from math import log, sqrt

from lowtide.science.evidence.rare import Table

COUNTS = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)
TABLES = tuple(Table(a, a + b, c, c + d) for a, b, c, d in COUNTS)
ESTIMATES = tuple(log(t.events / t.n) - log(t.control_events / t.control_n) for t in TABLES)
ERRORS = tuple(sqrt(1 / t.events - 1 / t.n + 1 / t.control_events - 1 / t.control_n) for t in TABLES)
