/* What is stored and turns out to be wrong while there is no network: its form, what that says, and how it stands here
   until it is sent. The old value stays readable beside the new one. */
import { clock, h, icon } from "./dom.js";
import { earlier, field, form, group, input, number, radios, reason, text } from "./fields.js";

export const KINDS = ["correct", "retract"];
const DAY_MIN = 1440, SOON_MS = 180_000;
const reads = (state, row) => (row.scale ? state.plan?.rows.find((r) => r.id === row.id)?.filled_by[0] || [row.scale] : row.fields.map((f) => f.name));
const said = (state, row, { values = {} }) => { const names = reads(state, row); return names.every((n) => n in values) ? names.map((n) => values[n]).join("/") : ""; };
const rowOf = (state, name) => state.sheet.rows.find((r) => r.id === name);

/* The newest that waits in the place of an entry, null where none does; and its id, else the entry's own. */
function inPlace(state, id) {
  let last = null;
  for (let one = state.anew?.[id]; one; one = state.anew[one.id]) last = one;
  return last;
}
const newest = (state, id) => inPlace(state, id)?.id ?? id;
const standing = (state, id) => (state.seen || []).find((r) => r.id === newest(state, id));
const note = (state, id) => state.log.find((l) => l.id === id && l.topic && state.topics.some(([name]) => name === l.topic));
const noteText = (state, id) => inPlace(state, id)?.text ?? note(state, id)?.text ?? "";

/* ---------- the form ---------- */
function buttons(state) {
  return (state.sheet.correcting || []).map(([key, words], n) => h("button", { class: `btn btn--big grow${n ? "" : " btn--go"}`, type: "submit", name: "why", value: key }, words));
}
function also(what) {
  const press = (value, words) => h("button", { class: "btn", type: "submit", name: "why", value }, words);
  return h("details", { class: "earlier gap-above" }, h("summary", { class: "chip" }, "Another reason or time"), reason("Another reason"), what,
    h("div", { class: "acts" }, press("other", "Correct it"), press("error", "It was never so: entered in error")));
}
const shownBy = (state, id) => h("input", { type: "hidden", name: "corrects", value: newest(state, id) });

export function pad(url, state, { row: id, about: name }) {
  if (!state.may_chart && name !== "note") return null;
  if (name === "note") return noted(url, state, id);
  const row = rowOf(state, name), one = standing(state, id), old = row && one && said(state, row, one);
  if (!old) return null;
  const title = `${row.name}, ${clock(one.at, state.zone)}`, top = row.scale && row.top;
  const names = reads(state, row), body = [row.scale && !top ? h("p", {}, h("b", {}, old), h("span", { class: "soft" }, ` ${row.unit}`)) : null, shownBy(state, id)];
  if (row.scale && !top) {
    const words = row.choices.length < 8 && row.choices.some(([n, w]) => n !== w);
    body.push(group(`${row.name}, corrected`, radios("value", row.choices.map(([n, w]) => [n, n === w ? n : `${w} (${n})`]), words ? "opts--words" : "opts--digits")));
  }
  const typed = top ? [{ name: "value", label: `${row.name}, corrected` }] : row.scale ? [] : row.fields.map((f) => ({ name: f.name, label: `${f.label}, ${f.unit}, corrected` }));
  const fields = typed.map((f, n) => ({ ...f, last: `charted ${one.values[names[n]]}` }));
  return form(url, title, "", { fields, body, verbs: buttons(state), also: also(earlier("Taken at another time")) });
}
function noted(url, state, id) {
  const old = noteText(state, id);
  if (!old || inPlace(state, id)?.struck) return null;
  return form(url, "Note, corrected", "", {
    body: [h("p", { class: "soft" }, old), shownBy(state, id), field("Note", h("textarea", { id: "pad-text", name: "text", rows: 6, maxlength: 20000, autofocus: true }))],
    verbs: buttons(state), also: also(null),
  });
}

/* ---------- what it says ---------- */
export function read(data, { row: id, about: name }, state) {
  const row = rowOf(state, name), about = text(data, "corrects") || newest(state, id), chosen = text(data, "why");
  const reasoned = state.sheet.correcting?.find(([key]) => key === chosen)?.[1].toLowerCase() || text(data, "reason");
  const one = standing(state, about), old = row && one ? said(state, row, one) : "";
  const called = name === "note" ? `Note “${noteText(state, id)}”` : `${row?.label || name} ${old}`;
  if (chosen === "error") return { kind: "retract", body: { about, reason: reasoned }, words: [`${called} entered in error`, reasoned] };
  const body = { about, row: name, reason: reasoned };
  if (name === "note") body.text = text(data, "text");
  else if (row?.scale) body.value = number(data, "value");
  else for (const f of row?.fields || []) body[f.name] = number(data, f.name) === null ? null : f.whole ? Number(number(data, f.name)) : number(data, f.name);
  const now = name === "note" ? body.text : row?.scale ? body.value : row?.fields.map((f) => body[f.name]).join("/");
  return { kind: "correct", body, against: others(state, about), words: [`${called} corrected`, `now ${now}, ${reasoned}`] };
}
/* The latest values without those of one entry: what a corrected one is held against. */
function others(state, about) {
  const left = (state.seen || []).filter((r) => r.id !== about && r.values);
  return Object.assign({}, ...left.map((r) => r.values));
}
export function problems({ kind, body }, { sheet }) {
  if (!KINDS.includes(kind)) return [];
  const found = body.reason ? [] : [["reason", "Say in a few words why."]];
  if (kind === "retract") return found;
  const row = sheet.rows.find((r) => r.id === body.row);
  const missing = body.row === "note" ? [["text", body.text]] : row?.scale ? [["value", body.value]] : (row?.fields || []).map((f) => [f.name, body[f.name]]);
  return [...missing.filter(([, value]) => value === null).map(([name]) => [name, name === "value" && !row.top ? "Choose one." : "Enter it, or go back."]), ...found];
}

/* ---------- how it stands here ---------- */
/* The instant of a clock time that was typed: the last time that the clinic's clock said so. */
function typedAt(taken, at, zone) {
  const minutes = (hhmm) => Number(hhmm.slice(0, 2)) * 60 + Number(hhmm.slice(3, 5)), whole = Math.floor(Date.parse(at) / 60_000);
  return new Date((whole - ((minutes(clock(at, zone)) - minutes(taken) + DAY_MIN) % DAY_MIN)) * 60_000).toISOString();
}
/* A waiting correction as the script takes readings: all that its entry said, with the row that was said anew. */
export function asReading(state, { id, at, kind, body, taken }, base) {
  if (!base) return null;
  const stands = { id, at: taken ? typedAt(taken, at, state.zone) : base.at, counter: base.counter || 0, corrects: body.about };
  const row = rowOf(state, body.row);
  if (kind === "retract" || !row) return stands;
  const names = reads(state, row), typed = row.scale ? { [names[0]]: body.value } : Object.fromEntries(names.map((n) => [n, body[n]]));
  return { ...stands, values: { ...base.values, ...typed } };
}
/* Which entries have something waiting in their place, and what that says row by row. `seen`: all readings that stand. */
export function fold(state, waiting, readings) {
  const replaced = new Set([...(state.readings || []), ...readings].map((r) => r.corrects).filter(Boolean));
  const all = [...(state.readings || []), ...readings];
  state.anew = Object.fromEntries(waiting.filter((e) => KINDS.includes(e.kind)).map((e) => [e.body.about, { id: e.id, text: e.body.text, struck: e.kind === "retract" }]));
  state.seen = all.filter((r) => !replaced.has(r.id)).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  if (!Object.keys(state.anew).length) return;
  state.read = state.read.filter((r) => !state.anew[r.id]?.struck).map((r) => (state.anew[r.id] ? reread(state, r) : r));
  const mine = new Set(readings.map((r) => r.id)), marked = all.filter((r) => r.artefact).map((r) => r.artefact);
  const none = (row, r) => marked.some((m) => m.about === r.id && (!m.rows?.length || m.rows.includes(row.id)));
  for (const row of state.sheet.rows) {
    const last = state.seen.findLast((r) => said(state, row, r) && !none(row, r));
    state.last = [...state.last.filter((l) => l.row !== row.id), ...(last ? [{ row: row.id, label: row.label, unit: row.unit, text: said(state, row, last), at: last.at, waits: mine.has(last.id) }] : [])];
  }
  state.last_values = Object.assign({}, ...state.seen.filter((r) => r.values).map((r) => r.values));
}
function reread(state, one) {
  const stands = standing(state, one.id);
  if (!stands) return one;
  return { ...one, id: stands.id, at: stands.at, rows: one.rows.map(([name, old]) => [name, rowOf(state, name) ? `${rowOf(state, name).label} ${said(state, rowOf(state, name), stands)}` : old]) };
}

/* What stands in the place of a value of the server's: {old, now, struck}; null where nothing waits for it. */
export function changed(state, id, name) {
  const row = rowOf(state, name), first = state.anew?.[id] && (state.readings || []).find((r) => r.id === id), last = first && standing(state, id);
  if (!row || !last) return null;
  const [old, now] = [said(state, row, first), said(state, row, last)];
  return old === now ? null : { old, now, struck: !now };
}
const waits = () => h("span", { class: "quiet" }, " waits");
const old = (words, mark) => h("small", {}, h("span", { class: "vh" }, ", was "), h("s", {}, words), " ", mark);

/* The cells and the last values that the server drew, with what waits in their place; as they were once it does not. */
const before = new WeakMap();
function put(place, now, nodes) {
  if (!now && !before.has(place)) return;
  if (!before.has(place)) before.set(place, [...place.childNodes]);
  place.replaceChildren(...(now ? nodes : before.get(place)));
  if (!now) before.delete(place);
}
/* A reading that was made here after the one that the server drew; null where that one is the last, or nothing waits. */
function unsent(state, name) {
  const row = rowOf(state, name), made = row && state.last.find((l) => l.row === name && l.waits);
  const known = (state.readings || []).filter((r) => made && said(state, row, r)).map((r) => Date.parse(r.at));
  return made && Date.parse(made.at) > Math.max(0, ...known) ? made : null;
}
const clockMark = () => [icon("clock"), h("span", { class: "vh" }, ", waits for the network")];
/* The cell of a row that a reading belongs to: the latest one that asked for it by then, else the last that is filled. */
function cellOf(row, at, zone) {
  const hhmm = clock(new Date(at + SOON_MS).toISOString(), zone).replace(":", "");
  const asked = [...document.querySelectorAll(`.flow a[href*='/enter/${row}#']`)].filter((a) => a.closest(".is-due, .is-late") && a.hash.slice(1) <= hhmm);
  const filled = [...document.querySelectorAll(`.flow a[href*='/value/'][href$='/${row}']`)];
  return asked[asked.length - 1] || filled[filled.length - 1] || null;
}
function markUnsent(state) {
  const places = new Map(state.sheet.rows.map((r) => [r.id, unsent(state, r.id)]).filter(([, l]) => l).map(([row, l]) => [cellOf(row, Date.parse(l.at), state.zone), l]));
  for (const link of document.querySelectorAll(".flow a[href*='/enter/'], .flow a[href*='/value/']")) {
    const l = places.get(link), was = link.pathname.includes("/value/") ? before.get(link)?.map((n) => n.textContent).join("") ?? link.textContent : "";
    if (!l && !link.dataset.unsent) continue;
    put(link, l, [h("span", {}, l?.text || "", " ", h("small", {}, was && l ? `before ${was}` : "", clockMark()))]);
    link.classList.toggle("is-waiting", Boolean(l));
    if (l) link.dataset.unsent = l.text; else delete link.dataset.unsent;
  }
  for (const last of document.querySelectorAll(".hud [data-reading]")) {
    const [, name] = last.dataset.reading.split("/"), l = unsent(state, name), age = last.parentElement.querySelector("[data-at]");
    if (!l && !last.dataset.unsent) continue;
    put(last, l, [l?.text || "", h("i", { class: "u" }, l?.unit || ""), ...clockMark()]);
    if (age) { age.dataset.was ??= age.dataset.at; age.dataset.at = l ? l.at : age.dataset.was; }
    if (l) last.dataset.unsent = l.text; else delete last.dataset.unsent;
  }
}
export function mark(state, place) {
  markCorrected(state, place);
  markUnsent(state);
}
function markCorrected(state, place) {
  for (const link of document.querySelectorAll(".flow a[href*='/value/']")) {
    const { row: id, about: name } = place(link.href) || {}, now = id && changed(state, id, name);
    put(link, now, [h("span", {}, now?.now || "", old(now?.old, h("span", { class: "vh" }, "waits for the network")))]);
    link.classList.toggle("is-waiting", Boolean(now));
  }
  for (const last of document.querySelectorAll(".hud [data-reading]")) {
    const [id, name] = last.dataset.reading.split("/"), now = changed(state, id, name);
    put(last, now, [now?.now || "–", old(now?.old, [icon("clock"), h("span", { class: "vh" }, "waits for the network")])]);
  }
}

/* A line of the timeline that the tablet draws: each value leads to its correction; the old one stands struck. */
export function line(state, one) {
  const reading = (state.readings || []).find((r) => r.id === one.id), rows = reading && state.may_chart ? state.sheet.rows.filter((r) => said(state, r, reading)) : [];
  const link = (page, words) => h("a", { href: page, "data-keypad": true }, words);
  const told = (now) => now && [h("s", {}, now.old), now.now ? ` ${now.now}` : "", waits()];
  if (rows.length) {
    return rows.map((row, n) => [n ? ", " : "", link(`${state.url}/value/${one.id}/${row.id}`, [`${row.label} `, told(changed(state, one.id, row.id)) || said(state, row, reading)])]);
  }
  if (!note(state, one.id)) return null;
  const now = inPlace(state, one.id);
  return [h("b", {}, one.head), ", ", now ? [h("s", {}, one.text), " ", now.text || "", waits()] : one.text, " ", now?.struck ? "" : link(`${state.url}/value/${one.id}/note`, "Correct")];
}
