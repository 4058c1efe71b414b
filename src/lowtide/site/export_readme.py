"""The page that explains an export to whoever opens it, with or without Lowtide."""

README = """An export from Lowtide {version}, written {now:%Y-%m-%d %H:%M} UTC.
It holds patients' data. Keep it as you keep the record.

documents/    one PDF (or HTML) a patient: everything that stands, what was corrected struck through
tables/       one CSV table a kind of entry (UTF-8, comma, quotes doubled, times in UTC)
entries/      every entry of a stream, one JSON document a line, in the order in which they were written
fhir/         FHIR resources exactly as they arrived
narrow/       what only some roles may read, in a folder of their names with the same folders inside
people.csv    who staff:<id> and the like are
access_log.csv  who read what, and who was refused
SHA256SUMS    the SHA-256 of every file; check with: sha256sum --check SHA256SUMS

NARROW. Talks with a therapist and the like are for the roles that name their folder, such as narrow/therapist. Whoever
is not of these roles gets the export without that folder: nothing in the others repeats what stands there. A document in
it shows the chart with what is for those roles together.

TABLES. Columns of every table: stream (chart:<patient>, calendar, clinic ...), seq (place in the stream), id, at (when
it happened), recorded_at (when it was stored), by (staff:<id>, patient:<id>, system:...), source, session, corrects
(the id of the entry that this one replaces), stands (yes: this is what holds now; no: a later entry replaced it or
took it back), reason, visible_to (the roles it is for; empty: the care team). The other columns are what the entry
says; units are in their names (sbp_mmhg is millimetres of mercury, dose_mg milligrams). A cell that begins with
[ or {{ is JSON. An empty cell is not recorded: it never means no. Doses, volumes and measured values are exact
decimals. Open the tables with every column as text, so that no program turns an id or a date into something else.
patient.csv says who a chart is about, entered_in_error.csv what was taken back, redaction.csv what was removed.

ENTRIES. Each line is {{"hash", "salt", "envelope", "payload"}}. The envelope says who, when, where and what is
corrected; payload.body is what was said, payload.reason why. A payload of null was removed by a redaction entry, which
says by whom and on what legal basis; or "narrow" names the folder in which the same line stands with its words. To prove that nothing was changed:
  1. the SHA-256 of the bytes of "envelope", as they stand in the line, is "hash";
  2. envelope.previous is the hash of the line before (64 zeros for the first);
  3. the SHA-256 of the salt (hexadecimal to bytes) followed by the bytes of "payload" is envelope.body_digest.
In an export of one patient the lines of streams that are no chart are only those about the patient, so 2 does not
hold between them.
"""
