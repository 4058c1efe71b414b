/* The session as the tablet knows it: what the server told last, and on top of it what waits here (pure). */
import * as correcting from "./correcting.js";
import * as trouble from "./trouble.js";

const GIVEN = { start: 1, rate: 1, resume: 1, pause: 1, stop: 1, container: 1 };
const MS_PER_HOUR = 3_600_000;

/* What went in by the rates, in mL, at an instant. */
export function delivered(infusion, at) {
  if (!infusion) return 0;
  const until = Math.min(at, infusion.stopped_at ? Date.parse(infusion.stopped_at) : at);
  const steps = infusion.steps.map((s) => [Date.parse(s.at), Number(s.rate_ml_per_h)]).filter(([t]) => t < until);
  const poured = steps.reduce((sum, [t, rate], n) => sum + rate * ((steps[n + 1]?.[0] ?? until) - t), 0);
  return Math.min(Number(infusion.volume_ml), poured / MS_PER_HOUR);
}

/* A volume that was worked out, as it is shown: the rule of science/units.py, in one more language. */
export function amount(value) {
  const digits = Math.abs(value) < 1 ? 3 : Math.abs(value) < 10 ? 2 : 1;
  return String(Number((Math.round(value * 10 ** digits + 1e-9) / 10 ** digits).toFixed(digits)));
}

/* What was hung or given, by the label that was read; nothing where none was made up with one. */
export const digitsOf = (typed) => (typed || "").replace(/[\s\-–.]/g, "");
export const hung = ({ labels }, { scanned_code }) => labels?.find((l) => l.digits === digitsOf(scanned_code));
/* What was made up and is not begun yet. */
export const waiting = ({ labels }) => (labels || []).filter((l) => !l.begun);
const begin = (state, body) => { state.labels = state.labels?.map((l) => (l === hung(state, body) ? { ...l, begun: true } : l)); };

function pumped(state, entry) {
  const { kind, body, at } = entry;
  if (kind === "start") {
    const mg_per_ml = Number(state.order?.dose_mg) / Number(state.order?.volume_ml);
    state.infusion = { steps: [{ at, rate_ml_per_h: body.rate_ml_per_h }], volume_ml: hung(state, body)?.volume_ml ?? body.volume_ml, mg_per_ml, stopped_at: null };
    begin(state, body);
    state.started_at ??= at;
    state.phase = "dosing";
  } else if (state.infusion && kind === "stop") {
    state.infusion = { ...state.infusion, stopped_at: at };
    state.phase = "monitoring";
  } else if (state.infusion && kind === "container") {
    state.infusion = { ...state.infusion, steps: [{ at, rate_ml_per_h: body.rate_ml_per_h }], volume_ml: hung(state, body)?.volume_ml ?? state.infusion.volume_ml };
    begin(state, body);
    state.phase = Number(body.rate_ml_per_h) ? "dosing" : "paused";
  } else if (state.infusion) {
    const rate_ml_per_h = kind === "pause" ? "0" : body.rate_ml_per_h;
    state.infusion = { ...state.infusion, steps: [...state.infusion.steps, { at, rate_ml_per_h }] };
    state.phase = kind === "pause" ? "paused" : "dosing";
  }
}

function parted(state, { kind, body, at }) {
  if (!state.parts) return;
  if (kind === "end_dosing") { state.phase = "monitoring"; return; }
  const mg = body.mg === null ? Number(hung(state, body)?.mg ?? state.parts.of_mg) : Number(body.mg);
  begin(state, body);
  const open = Math.max(0, Number(state.parts.open_mg) - mg);
  const each = state.parts.each_mg === null ? open : Number(state.parts.each_mg);
  const words = state.parts.words.slice(1);
  state.parts = { ...state.parts, number: body.number + 1, open_mg: open, of_mg: open >= each ? each : 0, last_at: at, words };
  state.started_at ??= at;
  state.phase = open ? "dosing" : "monitoring";
}

function read(state, { kind, body, at }) {
  const put = (row, label, unit, text) => {
    state.last = [...state.last.filter((l) => l.row !== row), { row, label, unit, text, at, waits: true }];
    state.due = state.due.filter((d) => d.row !== row || Date.parse(d.opens_at) > Date.parse(at));
  };
  for (const row of state.sheet.rows) {
    if (kind === "rating" && row.scale === body.scale) put(row.id, row.label, row.unit, body.value);
    const values = kind === "vitals" ? row.fields.map((f) => body[f.name]) : [];
    if (values.length && values.every((v) => v !== undefined)) put(row.id, row.label, row.unit, values.join("/"));
  }
  if (kind === "vitals") state.last_values = { ...state.last_values, ...body };
  if (kind === "rate" || kind === "resume") put("pump", "Pump", "mL/h", body.rate_ml_per_h);
  if (kind === "not_done") state.due = state.due.filter((d) => d.row !== body.item || Date.parse(d.opens_at) > Date.parse(at));
}

const VERBS = {
  preparing: ["start", "give", "chart", "note"],
  dosing: ["change_rate", "pause", "stop", "give", "end_dosing", "chart", "note"],
  paused: ["resume", "stop", "chart", "note"],
};

/* The verbs of the phase that an infusion or a dose in parts knows. */
function verbs(state) {
  const byPart = ["give", "end_dosing"], byPump = ["start", "change_rate", "pause", "resume", "stop"];
  const not = state.by_pump ? byPart : byPump;
  return (VERBS[state.phase] || ["chart", "note"]).filter((v) => !not.includes(v) && (v !== "start" || !state.held.length));
}

/* The due checks by the plan that came with the page, joined by the readings that wait here. */
function watched(state, entries, nowMs) {
  const watch = globalThis.lowtideWatch;
  if (!watch || !state.plan) return null;
  return watch.evaluate(state.plan, [...(state.readings || []), ...asReadings(state, entries)], nowMs);
}
/* What waits here, as the script takes readings. */
export function asReadings(state, entries) {
  const { readingOf } = globalThis.lowtideWatch || {}, found = [];
  if (!readingOf || !state.plan) return found;
  const known = (id) => found.find((r) => r.id === id) || (state.readings || []).find((r) => r.id === id);
  for (const e of entries.filter((each) => each.state === "waiting")) {
    const one = correcting.KINDS.includes(e.kind) ? correcting.asReading(state, e, known(e.body.about)) : readingOf(state.plan, watchable(state, e));
    if (one) found.push(one);
  }
  return found;
}
const KINDS = { vitals: "vitals.1", rating: "rating.1", event: "chair_event.1", not_done: "not_done.1", answer: "acknowledged.1",
  start: "dose_started.1", rate: "rate_changed.1", resume: "rate_changed.1", pause: "rate_changed.1", stop: "dose_stopped.1",
  give: "dose_given.1", end_dosing: "dosing_ended.1", container: "container_changed.1", artefact: "artefact_marked.1" };
const AS_KEPT = {
  pause: () => ({ rate_ml_per_h: "0" }), start: began,
  give: (state, body) => ({ ...body, mg: body.mg ?? hung(state, body)?.mg ?? null }),
  container: (state, body) => ({ ...body, volume_ml: hung(state, body)?.volume_ml }),
  artefact: (_, body) => ({ about: body.about, parameters: body.rows }),
};
const watchable = (state, { id, at, counter, kind, body }) => ({ id, at, counter, kind: KINDS[kind] || kind, body: AS_KEPT[kind]?.(state, body) ?? body });
function began(state, body) {
  const first = hung(state, body);
  return first ? { ...body, volume_ml: first.volume_ml, in_all_ml: state.order?.volume_ml } : body;
}

// what a session was taken along without, by an earlier program
const NOTHING = { labels: [], runs: [], rescues: [], read: [], against: {} };
const NO_WORDS = { checklists: [], medicines: [], orderers: [], emergency_outcomes: [], effects: [], terms: [], grades: [], criteria: [], actions: [], outcomes: [], no_reading: [] };

/* Everything together at an instant. `entries` are those of this session, in order. */
export function fold(snapshot, entries, nowMs) {
  const state = { ...NOTHING, ...snapshot, sheet: { ...NO_WORDS, ...snapshot.sheet } };
  const counted = entries.filter((e) => e.state === "waiting" || e.state === "refused");
  for (const entry of counted.filter((e) => e.state === "waiting")) {
    if (GIVEN[entry.kind]) pumped(state, entry);
    trouble.fold(state, entry);
    if (entry.kind === "give" || entry.kind === "end_dosing") parted(state, entry);
    read(state, entry);
  }
  const waits = counted.filter((e) => e.state === "waiting");
  correcting.fold(state, waits, asReadings(state, waits));
  const seen = watched(state, waits, nowMs);
  if (seen) {
    const names = Object.fromEntries(state.sheet.rows.map((r) => [r.id, r.name]));
    const open = [...seen.late, ...seen.due.filter((s) => s.status === "due"), ...seen.next].filter((s, n, all) => all.findIndex((o) => o.row === s.row && o.due_at === s.due_at) === n);
    state.due = open.map((s) => ({ ...s, name: names[s.row] || (s.row === "pump" ? "Pump check" : s.row) }));
    state.asking = seen.pressing;
  }
  state.due = [...state.due].sort((a, b) => new Date(a.due_at) - new Date(b.due_at));
  state.verbs = entries.length || !snapshot.verbs.length ? verbs(state) : snapshot.verbs;
  return state;
}
