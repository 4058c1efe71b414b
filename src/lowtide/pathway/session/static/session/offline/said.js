/* From the fields of a form at the chair to what the tablet keeps: the kind, the body, and its words. The forms of the
   server's pages and those that the tablet makes itself have the same names. */
import { clock } from "./dom.js";
import { addressOf, number, text } from "./fields.js";
import { digitsOf, hung, waiting } from "./fold.js";
import * as correcting from "./correcting.js";
import * as trouble from "./trouble.js";

/* /patients/<patient>/sessions/<session>/<page>/<row>/<about>/<step> */
export function place(address) {
  const found = new URL(address, location.href).pathname
    .match(/^\/patients\/([\w-]{36})\/sessions\/([\w-]{36})(?:\/([a-z-]+)((?:\/[\w-]+){0,3}))?\/?$/);
  if (!found) return null;
  const [row = "", about = "", step = ""] = (found[4] || "").split("/").slice(1);
  return { patient: found[1], session: found[2], page: found[3] || "", row, about, step };
}
const why = (reason) => (reason ? `, ${reason}` : "");

function entered(data, { row }, { sheet }) {
  const known = sheet.rows.find((r) => r.id === row);
  if (!known) return null;
  if (known.scale) return rated(data, known);
  const body = {}, words = [];
  for (const each of sheet.rows) {
    const said = each.fields.filter((f) => number(data, f.name) !== null);
    for (const field of said) body[field.name] = field.whole ? Number(number(data, field.name)) : number(data, field.name);
    if (said.length) words.push(`${each.label} ${said.map((f) => number(data, f.name)).join("/")}`);
  }
  return { kind: "vitals", body, words: [words[0], words.slice(1).join(", ")] };
}
function rated(data, row) {
  const value = text(data, "value");
  const spoken = row.choices.find(([n]) => n === value)?.[1];
  const words = [`${row.label} ${value}`, spoken && spoken !== value ? spoken : ""];
  return { kind: "rating", body: { scale: row.scale, value }, words };
}
function left(data, { row }, { sheet }) {
  const chosen = text(data, "why"), reason = chosen === "other" ? text(data, "words") : chosen;
  const name = sheet.rows.find((r) => r.id === row)?.name || (row === "pump" ? "Pump check" : row);
  return { kind: "not_done", body: { item: row, why: reason }, words: [`${name} not done`, sheet.not_done[reason] || reason] };
}
function event(data, place, { sheet }) {
  const what = text(data, "what") || "other", detail = text(data, "detail");
  const chip = sheet.chips.find((c) => c.id === what);
  return { kind: "event", body: { what, detail }, words: chip ? [chip.label, detail || ""] : [detail || "", ""] };
}
const reason = (data) => text(data, "reason");
const rate = (kind) => (data) => ({
  kind, body: { rate_ml_per_h: number(data, "rate_ml_per_h"), reason: reason(data) },
  words: ["Pump", `${number(data, "rate_ml_per_h")} mL/h${why(reason(data))}`],
});
function stop(data, place, { infusion }) {
  const delivered_ml = number(data, "delivered_ml");
  const complete = data.has("complete") || (infusion !== null && Number(delivered_ml) >= Number(infusion?.volume_ml));
  const short = complete ? "" : ", before its end";
  return {
    kind: "stop", body: { delivered_ml, complete, reason: reason(data) },
    words: ["Infusion ended", `${delivered_ml} mL went in${short}${why(reason(data))}`],
  };
}
function give(data, place, state) {
  const { parts } = state, said = text(data, "how_much") || "all", n = Number(data.get("number"));
  const scanned_code = text(data, "scanned"), of = Number(hung(state, { scanned_code })?.mg ?? parts?.of_mg);
  const mg = { half: String(of / 2), none: "0", other: number(data, "mg") }[said] ?? null;
  return {
    kind: "give",
    body: { number: n, mg, site: text(data, "site"), lot: text(data, "lot"), reason: reason(data), scanned_code },
    words: [parts?.words[n - parts.number] || `Part ${n} given`, `${mg ?? of} mg${why(reason(data))}`],
  };
}

const PAGES = {
  enter: entered,
  "not-done": left,
  event,
  value: correcting.read,
  note: (data, place, { topics }) => {
    const topic = text(data, "topic") || "clinical";
    // one of which nothing is known is for few
    const narrow = topics.find(([name]) => name === topic)?.[2] !== false;
    return { kind: "note", body: { text: text(data, "text"), topic }, words: ["Note", text(data, "text")], narrow };
  },
  answer: (data, { row, about }) => {
    const said = [text(data, "tap"), reason(data)].filter(Boolean).join(": ") || null;
    return { kind: "answer", body: { rule: row, about, reason: said }, words: [`Reminder ${row} answered`, said] };
  },
  start: (data) => ({
    kind: "start",
    body: { rate_ml_per_h: number(data, "rate_ml_per_h"), volume_ml: number(data, "volume_ml"), reason: reason(data), scanned_code: text(data, "scanned") },
    words: ["Infusion started", `${number(data, "rate_ml_per_h")} mL/h, ${number(data, "volume_ml")} mL${why(reason(data))}`],
  }),
  pump: (data, place, state) => rate(state.phase === "paused" ? "resume" : "rate")(data),
  pause: (data) => ({ kind: "pause", body: { reason: reason(data) }, words: ["Paused", reason(data) || ""] }),
  stop,
  give,
  "change-container": (data) => ({
    kind: "container",
    body: { residual_ml: number(data, "residual_ml"), scanned_code: text(data, "scanned"), rate_ml_per_h: number(data, "rate_ml_per_h"), reason: reason(data) },
    words: ["Bag or syringe changed", `${number(data, "residual_ml")} mL were left, ${number(data, "rate_ml_per_h")} mL/h${why(reason(data))}`],
  }),
  ...trouble.SAID,
  "no-more": (data) => ({ kind: "end_dosing", body: { reason: reason(data) }, words: ["Nothing more is given", reason(data)] }),
};

/* Whether what this address takes may wait for the network. */
export const mayWait = (address) => Object.hasOwn(PAGES, place(address)?.page || "");

/* What a form says, ready for the queue; `state` is the session as the tablet knows it. Null where it cannot wait. */
export function fromForm(form, submitter, state) {
  const where = place(addressOf(form)), data = new FormData(form, submitter);
  const found = where && PAGES[where.page]?.(data, where, state);
  if (!found) return null;
  return {
    ...found, id: text(data, "entry_id"), taken: text(data, "taken"), patient: where.patient, session: where.session,
  };
}

/* The number of any label bears its check (ISO 7064 MOD 97-10). */
const isWhole = (digits) => /^\d{16}$/.test(digits) && BigInt(digits) % 97n === 1n;

/* What is wrong with the label that was read, in the words of the server; nothing where none was made up with one. */
function label(state, { scanned_code }) {
  const made = state.labelled || state.labels?.length, digits = digitsOf(scanned_code), one = hung(state, { scanned_code });
  const say = (words) => [["scanned", words]];
  if (!made) return [];
  if (!digits) return say(waiting(state).length ? `Scan the label of the one you ${state.begins || "hang"}, or type its digits.` : "Nothing that was made up is left. Another one is made up and checked with the line.");
  if (!isWhole(digits)) return say("This is no number of a label: scan it again, or read the digits once more.");
  if (state.label_of && !digits.startsWith(state.label_of)) return say("This label is of another session: another patient’s, or another day’s. Take it away from this chair.");
  if (!one) return say("This is no label that waits here: read it once more.");
  if (one.begun) return say(`${one.name || "It"} was begun before: take the next one.`);
  if (one.use_by && state.now >= Date.parse(one.use_by)) return say(`${one.name || "It"} is past its time of use.`);
  return one.why ? say(`${one.why[0].toUpperCase()}${one.why.slice(1)}.`) : [];
}

/* The label of what is hung, and its volume, where it was made up with one; else the volume of the order. */
function beginning(state, body) {
  const first = hung(state, body), holds = first?.volume_ml ?? state.order?.volume_ml, wrong = label(state, body);
  if (wrong.length) return wrong;
  if (!holds || Number(body.volume_ml) === Number(holds)) return [];
  if (Number(body.volume_ml) > Number(holds)) return [["volume_ml", `Only ${holds} mL were made up.`]];
  return body.reason ? [] : [["reason", `${holds} mL were made up. If it is meant, give the reason.`]];
}

/* Whether a clock time that was typed lies ahead: the nearer of today's and yesterday's, as the server takes it. */
function liesAhead(taken, { now, zone }) {
  const minutes = (hhmm) => Number(hhmm.slice(0, 2)) * 60 + Number(hhmm.slice(3, 5));
  const today = minutes(taken) - minutes(clock(now, zone));
  return today > 1 && today <= 720;
}

const TOO_LITTLE = "Enter it, or go back.";

/* What the server would refuse, said at once: [[field, words]]. Range and order of values, and what must not be empty. */
export function problems(said, state) {
  const { kind, body } = said, { sheet, infusion, order } = state;
  const found = said.taken && liesAhead(said.taken, state) ? [["taken", `${said.taken} lies ahead. Look at the time.`]] : [];
  for (const field of ["vitals", "correct"].includes(kind) ? sheet.rows.flatMap((r) => r.fields) : []) {
    const value = body[field.name];
    if (value === undefined || value === null) continue;
    const n = Number(value);
    if (Number.isNaN(n) || (field.whole && !Number.isInteger(n))) found.push([field.name, "Enter a number."]);
    else if (n < Number(field.low) || n > Number(field.high)) {
      found.push([field.name, `${field.label} ${value} is outside ${field.low} to ${field.high}. ${field.mend}`]);
    }
  }
  if (kind === "vitals" && !Object.keys(body).length) found.push(["", TOO_LITTLE]);
  if ((body.sbp_mmhg ?? null) !== null && (body.dbp_mmhg ?? null) !== null && body.sbp_mmhg <= body.dbp_mmhg) {
    found.push(["sbp_mmhg", "Systolic is not above diastolic. The two may be swapped: enter the systolic pressure first, or measure again."]);
  }
  for (const name of ["rate_ml_per_h", "volume_ml", "delivered_ml", "residual_ml"]) {
    if (name in body && !(Number(body[name]) >= 0 && body[name] !== null)) found.push([name, TOO_LITTLE]);
  }
  if (["rate", "resume", "start"].includes(kind) && Number(body.rate_ml_per_h) === 0) found.push(["rate_ml_per_h", "A rate of 0 is a pause: record a pause."]);
  if (kind === "container" || kind === "give") found.push(...label(state, body));
  if (["rate", "resume", "start", "container"].includes(kind) && order?.rate_ml_per_h && Number(body.rate_ml_per_h) !== Number(order.rate_ml_per_h) && !body.reason) {
    found.push(["reason", `The order says ${order.rate_ml_per_h} mL/h. If it is meant, give the reason.`]);
  }
  if (kind === "start") found.push(...beginning(state, body));
  if (kind === "stop" && infusion && Number(body.delivered_ml) > Number(infusion.volume_ml)) found.push(["delivered_ml", `Only ${infusion.volume_ml} mL were made up.`]);
  if (kind === "stop" && !body.complete && !body.reason) found.push(["reason", "A dose that was cut short needs a reason."]);
  if (kind === "give" && body.mg !== null && !body.reason) found.push(["reason", "Say what happened: it failed, was refused, was spilt."]);
  if (["note", "not_done", "end_dosing", "answer"].includes(kind) && !(body.text || body.why || body.reason)) found.push([{ note: "text", not_done: "why" }[kind] || "reason", TOO_LITTLE]);
  if (kind === "rating" && body.value === null) found.push(["value", "Choose one."]);
  const top = kind === "rating" ? sheet.rows.find((r) => r.scale === body.scale)?.top : kind === "correct" && "value" in body ? sheet.rows.find((r) => r.id === body.row)?.top : null;
  if (top && body.value !== null && !(/^\d+$/.test(body.value) && Number(body.value) <= top)) found.push(["value", `Enter a whole number from 0 to ${top}.`]);
  if (kind === "event" && body.what === "other" && !body.detail) found.push(["detail", "Write it in a few words."]);
  return [...found, ...correcting.problems(said, state), ...trouble.problems(said)];
}
