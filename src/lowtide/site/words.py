"""What the record's commands say to a person."""

from lowtide.record.verify import Report


def report_in_words(report: Report) -> str:
    """One line: that all holds, or the first thing that does not."""
    if report.first_failure is None:
        return (
            f"All holds: {report.entries:,} entries in {report.streams:,} streams, every hash, every table derived"
            " from them, the guards and the file."
        )
    f = report.first_failure
    where = ", ".join(
        part for part in (f.stream, f"entry {f.seq}" if f.seq else "", f"id {f.id}" if f.id else "") if part
    )
    return f"NOT OK. {where or 'database'}: {f.what}."
