/* The chair while there is no network, drawn from what the tablet knows: what to do, what was last, what waits. */
import { ago, clock, elapsed, h, icon } from "./dom.js";
import * as correcting from "./correcting.js";
import { amount, delivered, waiting as madeUp } from "./fold.js";
import * as queue from "./queue.js";
import * as trouble from "./trouble.js";

const NEEDS_LINE = "Preparation, witness, hand-over, signatures, leaving and the safe need the line.";

/* ---------- what to do ---------- */
function task(state) {
  const at = (words, title, text, verb, page) => ({ words, title, text, verb, page });
  if (state.phase === "paused") return at("Paused", "Paused", "Nothing goes in.", "Resume the infusion", "pump");
  if (state.phase === "dosing" && state.infusion && delivered(state.infusion, state.now) >= Number(state.infusion.volume_ml)) {
    return at("Now", "The bag is empty", "by the rates that were recorded", "Record the end", "stop");
  }
  const due = state.due.find((d) => new Date(d.due_at) <= state.now);
  if (due) return checked(state, due);
  if (state.parts && Number(state.parts.of_mg) && state.verbs.includes("give") && !state.held.length) return part(state);
  if (state.verbs.includes("start")) return at("Ready", "Start the infusion", state.order ? `${state.order.dose}, ${state.order.how}` : "", "Start the infusion", "start");
  const next = state.due[0];
  if (next) return { ...checked(state, next), words: `Next, ${clock(next.due_at, state.zone)}`, late: false };
  return at("Calm", "Nothing is due", "");
}
function checked(state, due) {
  const late = state.now - new Date(due.late_at) >= 0, minutes = Math.floor((state.now - new Date(due.due_at)) / 60_000);
  const last = state.last.find((l) => l.row === due.row);
  return {
    words: late ? `Late ${minutes} min` : "Due now", late, title: due.name,
    text: last ? `last ${last.text}` : "not charted yet",
    verb: due.row === "pump" ? "Read the pump" : `Record ${due.name.toLowerCase()}`,
    page: due.row === "pump" ? "pump" : `enter/${due.row}`,
  };
}
function part(state) {
  const { parts } = state, waits = parts.last_at && parts.apart_min && Date.parse(parts.last_at) + Number(parts.apart_min) * 60_000;
  const early = waits && waits > state.now;
  return {
    words: early ? `Not before ${clock(waits, state.zone)}` : "Now",
    title: parts.words[0].replace(/ given$/, ""), text: `${parts.of_mg} mg, ${parts.open_mg} mg still open`,
    verb: parts.words[0], page: "give", one: !early && !state.labelled && parts.number,
  };
}

function doing(state) {
  const it = task(state);
  const kept = h("section", { class: `do${it.late ? " do--late" : ""}`, "aria-label": "Next" },
    h("p", {}, it.late ? h("span", { class: "sev sev--hold" }, it.words) : h("b", {}, it.words)),
    h("h2", {}, it.title), it.text ? h("p", {}, it.text) : null);
  if (!it.verb || !state.may_chart) return kept;
  if (it.one) {
    const field = (name, value) => h("input", { type: "hidden", name, value });
    kept.append(h("form", { method: "post", action: `${state.url}/give`, "data-made-here": true }, field("how_much", "all"), field("number", it.one),
      h("button", { class: "btn btn--go", type: "submit" }, it.verb)),
    h("p", { class: "gap-above" }, h("a", { href: `${state.url}/give`, "data-keypad": true }, "Site, time, or not all of it")));
  } else kept.append(h("a", { class: "btn btn--go", href: `${state.url}/${it.page}`, "data-keypad": true }, it.verb));
  return kept;
}

function dues(state) {
  const rest = state.due.slice(1, 5);
  if (!rest.length) return null;
  return h("section", { class: "sheet", "aria-label": "Due" }, h("ul", {}, rest.map((d) => {
    const late = state.now >= new Date(d.late_at), due = state.now >= new Date(d.due_at);
    return h("li", { class: `due${late ? " due--late" : ""}` }, icon(late ? "late" : "clock"), h("b", {}, d.name),
      h("span", { class: "when" }, late ? `late ${Math.floor((state.now - new Date(d.due_at)) / 60_000)} min` : due ? "due now" : clock(d.due_at, state.zone)));
  })));
}

function asking(state) {
  return (state.asking || []).map((c) => h("section", { class: "do do--late reminder", role: "status" },
    h("p", {}, h("span", { class: "sev sev--hold" }, c.level === "stop" ? "Stop" : "Reminder"), ` ${c.found || ""}`),
    h("h2", { class: "small" }, c.action || c.rule),
    c.latest?.id || c.latest ? h("a", { class: "btn", "data-keypad": true, href: `${state.url}/answer/${c.rule}/${c.latest.id || c.latest}` }, "Say what you do") : null));
}

/* ---------- what can be charted ---------- */
function chips(state) {
  if (!state.may_chart || state.over_at) return null;
  const one = (chip) => h("form", { method: "post", action: `${state.url}/event`, "data-made-here": true },
    h("button", { class: "chip", name: "what", value: chip.id }, chip.label));
  return h("section", { "aria-label": "One tap, stamped now" }, h("h2", { class: "label" }, "One tap, stamped now"),
    h("div", { class: "chips" }, state.sheet.chips.filter((c) => !c.more).map(one),
      h("a", { class: "chip", href: `${state.url}/event`, "data-keypad": true }, "Other")));
}
const PUMP = { change_rate: ["pump", "Read the pump"], resume: ["pump", "Resume"], pause: ["pause", "Pause"], stop: ["stop", "Stop"], end_dosing: ["no-more", "End"] };

function giving(state) {
  const link = (page, words, kind = "") => h("a", { class: `btn ${kind}`, href: `${state.url}/${page}`, "data-keypad": true }, words);
  const verbs = state.may_chart ? Object.entries(PUMP).filter(([verb]) => state.verbs.includes(verb))
    .map(([verb, [page, words]]) => link(page, words, verb === "stop" || verb === "end_dosing" ? "btn--stop" : "")) : [];
  const change = state.may_chart && state.infusion && !state.infusion.stopped_at && madeUp(state).length ? link("change-container", "Change bag") : null;
  return h("section", { class: "offline-verbs", "aria-label": "Giving" }, h("div", { class: "pair pair--3" }, verbs, change, link("note", "Note"), trouble.ways(state).map((way) => link(...way))));
}
function rows(state) {
  const links = state.may_chart ? state.sheet.rows.map((r) => h("a", { class: "btn", href: `${state.url}/enter/${r.id}`, "data-keypad": true }, h("span", { "aria-hidden": "true" }, r.label), h("span", { class: "vh" }, r.name))) : [];
  return h("section", { class: "offline-verbs", "aria-label": "Chart" }, h("div", { class: "pair pair--3" }, links), h("p", { class: "soft" }, NEEDS_LINE));
}

/* ---------- what waits ---------- */
function ofSomebodyElse(entry, zone) {
  return h("div", { class: "tl", "data-entry": entry.id, "data-state": entry.state },
    h("time", {}, clock(entry.at, zone)), h("span", { class: "t" }),
    h("span", {}, `For few eyes: it waits until ${entry.name} opens this tablet again.`));
}
async function throwAway(entry) {
  if (!confirm(`Throw away “${entry.words.filter(Boolean).join(", ")}”? It was not saved.`)) return;
  if (!(await queue.discard(entry.id))) alert("It was sent a moment ago. Correct it on the session’s page.");
}
function one(entry, zone, open, entries) {
  if (entry.closed) return ofSomebodyElse(entry, zone);
  const marks = { waiting: "waits", refused: "refused", conflict: "in conflict" };
  const refused = entry.state !== "waiting";
  return h("div", { class: `tl${refused ? " is-marked" : ""}`, "data-entry": entry.id, "data-state": entry.state },
    h("time", {}, clock(entry.at, zone)), h("span", { class: "t" }, entry.name.split(" ").map((w) => w[0]).join("")),
    h("span", {}, h("b", {}, entry.words[0] || entry.kind), entry.words[1] ? `, ${entry.words[1]}` : "", " ",
      h("span", { class: refused ? "late" : "quiet" }, marks[entry.state]),
      refused ? entry.problems.map((p) => h("p", { class: "error" }, `${p.what}. ${p.mend}`)) : null,
      entry.stored ? h("p", {}, h("b", {}, "Stored: "), `${entry.stored} (${entry.stored_by})`) : null,
      refused && open ? h("span", { class: "acts" },
        h("button", { class: "btn", type: "button", onclick: () => queue.again(entry.id) }, "Send again"),
        h("button", { class: "btn", type: "button", onclick: () => throwAway(entry) }, "Throw it away")) : null,
      !refused && open && queue.mayTakeBack(entry, entries) ? h("span", { class: "acts" }, h("button", { class: "btn", type: "button", "aria-label": `Throw it away: ${entry.words[0] || ""}`, onclick: () => throwAway(entry) }, "Throw it away")) : null));
}
export function waiting(entries, zone, open = true) {
  if (!entries.length) return null;
  const refused = entries.filter((e) => e.state !== "waiting").length;
  const sent = entries.filter((e) => !e.closed).length;
  const title = refused ? `${refused} not taken` : sent ? `${sent} waiting for the network` : "Kept here";
  return h("section", { class: "sheet log", "aria-label": "Waiting" }, h("header", {}, h("h2", {}, title)),
    [...entries].reverse().map((e) => one(e, zone, open, entries)));
}

/* ---------- the whole ---------- */
export function head(state) {
  const cell = (label, value, more) => h("div", {}, h("span", { class: "k" }, label), h("span", { class: "v" }, value), more ? h("p", {}, more) : null);
  const start = state.started_at && Date.parse(state.started_at);
  const last = ["bp", "hr", "spo2"].map((row) => state.last.find((l) => l.row === row)).filter(Boolean);
  return [
    h("div", {}, h("h1", {}, state.patient.name), h("p", {}, `${state.patient.born} · ${state.patient.number}${state.line ? ` · ${state.line}` : ""}`)),
    start ? cell(`since start, ${clock(start, state.zone)}`, elapsed(state.now - start)) : cell("phase", state.phase),
    ...last.map((l) => cell(`${l.label} ${l.unit}, ${ago(state.now - Date.parse(l.at))}`, l.text)),
    state.infusion ? cell("in by the rates", `${amount(delivered(state.infusion, state.now))} mL`, `of ${state.infusion.volume_ml} mL`) : null,
  ];
}
export function log(state) {
  return h("section", { class: "sheet log", "aria-label": "Timeline" }, [...state.log].map((l) => h("div", { class: "tl" },
    h("time", {}, clock(l.at, state.zone)), h("span", { class: "t" }), h("span", {}, correcting.line(state, l) || [h("b", {}, l.head), l.text ? `, ${l.text}` : ""], l.by ? h("span", { class: "quiet" }, ` ${l.by}`) : ""))));
}
export function facts(state) {
  const rows = [["Phase", state.phase], ["Order", state.order ? `${state.order.dose}, ${state.order.how}` : "not signed yet"], ["Known as of", clock(state.made_at, state.zone)],
    ...state.last.map((l) => [l.label, `${l.text} ${l.unit}`, `${ago(state.now - Date.parse(l.at))}${l.waits ? ", waits" : ""}`])];
  return h("section", { class: "sheet", "aria-label": "Last known" }, h("dl", { class: "facts pad-2" }, rows.map(([k, v, old]) => h("div", {}, h("dt", {}, k), h("dd", {}, v, old ? h("small", { class: "quiet" }, old) : null)))));
}
const held = (state) => (state.held.length ? h("section", { class: "do do--late" }, h("h2", { class: "small" }, "Before the dose"), h("ul", {}, state.held.map((w) => h("li", {}, w)))) : null);

export const rail = (state, entries) => [trouble.rail(state), held(state), asking(state), doing(state), giving(state), waiting(entries, state.zone), dues(state), chips(state), rows(state)].flat().filter(Boolean);
