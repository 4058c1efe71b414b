/* What goes wrong at a chair while there is no network: an emergency's checklist, a rescue medicine and what it did, an
   adverse event, a reading that was none. Their forms, and what those say; the words came with the session. */
import { clock, h } from "./dom.js";
import { earlier, field, form as plain, group, input, number, radios, select, text } from "./fields.js";

const label = (pairs, key) => pairs.find(([k]) => k === key)?.[1] || key;
const form = (url, title, verb, body) => plain(url, title, verb, { body: h("div", { class: "stack-2 opts-wide" }, body) });
const words = () => field("In words", input("words", { maxlength: 300 }));
const all = (data, name) => data.getAll(name).map(String).filter(Boolean);

/* ---------- lists to choose from ---------- */
function list(title, rows) {
  return h("div", { class: "dlg kp kp--plain", "data-made-here": true }, h("h2", { id: "keypad-title" }, title), h("div", { class: "stack-2" }, rows),
    h("div", { class: "acts gap-above" }, h("button", { class: "btn btn--big", type: "button", "data-close": true }, "Leave it")));
}
const link = (state, page, said, kind = "") => h("a", { class: `btn btn--big ${kind}`, href: `${state.url}/${page}`, "data-keypad": true }, said);
const run = (state, id) => state.runs.find((r) => r.id === id);
const checklist = (state, key) => state.sheet.checklists.find((c) => c.key === key);
const medicine = (state, key) => state.sheet.medicines.find((m) => m.key === key);

/* ---------- emergencies ---------- */
function choose(url, state) {
  return list("Which emergency?", state.sheet.checklists.map((one) => {
    const open = state.runs.find((r) => r.key === one.key);
    if (open) return link(state, `emergencies/${open.id}`, `${one.label}, open already`, "btn--go");
    return h("form", { method: "post", action: `${state.url}/emergencies`, "data-made-here": true }, h("button", { class: "btn btn--big btn--stop", name: "checklist", value: one.key }, one.label));
  }));
}
const OPENS = { bp: ["enter/bp", "Record BP"], spo2: ["enter/spo2", "Record SpO₂"], resp: ["enter/resp", "Record breaths"], rescue: ["rescue", "Medicine"] };
function opens(state, step) {
  if (step.opens === "stop") return state.verbs.includes("stop") ? ["stop", "Stop the dose"] : state.verbs.includes("end_dosing") ? ["no-more", "End it"] : null;
  return OPENS[step.opens];
}
export const left = (state, one) => checklist(state, one.key).steps.filter((s) => !one.ticked[s.id]);

function steps(url, state, { row }) {
  const one = run(state, row);
  if (!one) return null;
  const { label: title, steps: each } = checklist(state, one.key), next = left(state, one)[0];
  const marks = { done: "done", not_needed: "does not apply" };
  const drawn = each.map((step) => {
    const there = opens(state, step), mark = marks[one.ticked[step.id]];
    const press = (done, said, kind) => h("button", { class: `btn ${kind}`, name: "done", value: done, "aria-label": `${said}: ${step.text}` }, said);
    return h("li", { class: `step step--${one.ticked[step.id] || "open"}` }, h("div", { class: "step-text" }, h("b", {}, step.text), mark ? h("span", { class: "prov" }, mark) : null),
      mark ? null : h("div", { class: "step-acts" }, there ? h("a", { class: "btn", href: `${state.url}/${there[0]}`, "data-keypad": true }, there[1]) : null,
        h("form", { method: "post", action: `${state.url}/emergencies/${row}/steps/${step.id}`, "data-made-here": true }, press("no", "No need", ""), press("yes", "Done", `btn--tick${step === next ? " btn--go" : ""}`))));
  });
  return list(title, [h("ol", { class: "steps" }, drawn), link(state, `emergencies/${row}/end`, "How it ended"), link(state, "adverse-event", "Record the event")]);
}
function ending(url, state, { row, about }) {
  if (about !== "end") return steps(url, state, { row });
  return form(url, "How the emergency ended", "Record the end", [group("How it ended", radios("outcome", state.sheet.emergency_outcomes, "opts--words")), words()]);
}

/* ---------- rescue medicines ---------- */
function give(url, state, { row }) {
  const one = medicine(state, row);
  if (!row) return list("Which medicine?", state.sheet.medicines.map((m) => link(state, `rescue/${m.key}`, m.label)));
  if (!one) return null;
  const against = state.against[row] || [], single = (name, [key]) => h("input", { type: "hidden", name, value: key });
  const units = one.units.map((u) => [u, u]);
  return form(url, one.label, "Record it as given", [
    against.map(([said, weighs]) => h("p", { class: weighs ? "error" : "soft" }, weighs ? h("b", {}, "The chart speaks against it: ") : null, said)),
    row === "other" ? field("Medicine", input("name", { maxlength: 120 })) : null,
    field(`Dose${units.length === 1 ? `, ${units[0][0]}` : ""}`, input("dose", { inputmode: "decimal", autofocus: true }), one.most ? `${one.most}. No dose is proposed here.` : ""),
    units.length === 1 ? single("unit", units[0]) : group("Unit", radios("unit", units, "opts--words")),
    one.routes.length === 1 ? single("route", one.routes[0]) : group("Given", radios("route", one.routes, "opts--words")),
    field("For", select("why", [["", "not said"], ...state.sheet.terms])),
    field("Ordered by", select("orderer", [["", "choose"], ...state.sheet.orderers, ["other", "Somebody else"]])),
    field("Somebody else, by name", input("by_name", { maxlength: 120 })), words(),
    h("div", { hidden: true }, field("The dose once more", input("dose_again", { inputmode: "decimal" }))),
    h("div", { hidden: !against.some(([, weighs]) => weighs) }, field("Given all the same, because", input("reason", { maxlength: 300 }))), earlier("Given earlier")]);
}
function effect(url, state, { row }) {
  const one = state.rescues.find((r) => r.id === row);
  return one ? form(url, one.text, "Record what it did", [group("What it did", radios("effect", state.sheet.effects, "opts--words")), words()]) : null;
}

/* ---------- an adverse event ---------- */
const SERIOUS = [["no", "No"], ["yes", "Yes"], ["not_known", "Not judged yet"]];
function suffered(url, { sheet, phase }) {
  return form(url, "Adverse event", "Record the event", [
    group("What happened", radios("term", sheet.terms, "opts--words")), words(),
    group("How grave", radios("grade", sheet.grades, "opts--words")),
    group("Serious", radios("serious", SERIOUS, "opts--words")),
    group("It is serious because", radios("criteria", sheet.criteria, "opts--words", { many: true })),
    group("The dose", radios("action", sheet.actions, "opts--words", { chosen: phase === "paused" ? "paused" : "none" })),
    group("How it stands", radios("outcome", sheet.outcomes, "opts--words", { chosen: "ongoing" })),
    field("What was done", input("treatment", { maxlength: 500 })), earlier("It began earlier")]);
}

/* ---------- a reading that was none ---------- */
const asRead = (state, one) => `${clock(one.at, state.zone)}: ${one.rows.map(([, said]) => said).join(", ")}`;
const readings = (url, state) => list("Which is no true reading?", state.read.length ? state.read.map((one) => link(state, `no-reading/${one.id}`, asRead(state, one))) : h("p", {}, "Nothing was read here that can be marked."));
function noReading(url, state, { row }) {
  const one = state.read.find((r) => r.id === row);
  if (!one) return null;
  return form(url, "No true reading", "Mark it", [h("p", { class: "soft" }, `Taken at ${clock(one.at, state.zone)}. It stays in the record, struck, and decides nothing.`),
    one.rows.length === 1 ? h("input", { type: "hidden", name: "rows", value: one.rows[0][0] }) : group("What is no true reading", radios("rows", one.rows, "opts--words", { many: true })),
    group("Why", radios("why", [...state.sheet.no_reading, ["other", "another reason"]], "opts--words")), words()]);
}

export const PADS = {
  emergencies: (url, state, where) => (where.row ? ending(url, state, where) : choose(url, state)),
  rescue: give, rescues: effect, "adverse-event": suffered, readings, "no-reading": noReading,
};

/* ---------- what the forms say ---------- */
function emergency(data, { row, about, step }, state) {
  if (!row) {
    const key = text(data, "checklist");
    const body = { checklist: key, rule: text(data, "rule"), about: text(data, "about") };
    return { kind: "emergency", body, words: ["Emergency", checklist(state, key)?.label || key] };
  }
  if (about === "end") {
    const outcome = text(data, "outcome");
    return { kind: "emergency_end", body: { run: row, outcome, words: text(data, "words") }, words: ["Emergency ended", label(state.sheet.emergency_outcomes, outcome)] };
  }
  const one = run(state, row), done = data.get("done") !== "no";
  const known = one && checklist(state, one.key).steps.find((s) => s.id === step);
  return { kind: "emergency_step", body: { run: row, step, done }, words: [done ? "Done" : "No need", known?.text || step] };
}
/* How much of it is usual at once, and how much never is; nothing where the table knows none. */
const boundsOf = (state, { medicine: key, unit, route }) => medicine(state, key)?.bounds?.find((b) => b.unit === unit && (!b.routes.length || b.routes.includes(route)));
function rescued(data, { row }, state) {
  const chosen = text(data, "orderer"), orderer = chosen === "other" ? null : chosen;
  const body = {
    medicine: row, dose: number(data, "dose"), unit: text(data, "unit"), route: text(data, "route"), name: text(data, "name"), why: text(data, "why"),
    orderer, ordered_by: (orderer ? label(state.sheet.orderers, orderer) : text(data, "by_name")) || "", words: text(data, "words"), reason: text(data, "reason"),
  };
  const weighs = (state.against[row] || []).some(([, w]) => w), bounds = boundsOf(state, body);
  const usual = bounds && Number(body.dose) > Number(bounds.usual);
  if (usual) body.dose_again = number(data, "dose_again");
  return { kind: "rescue", body, weighs: weighs || usual, bounds, words: [body.name || medicine(state, row)?.label || row, `${body.dose} ${body.unit}, ordered by ${body.ordered_by}`] };
}
function happened(data, place, { sheet }) {
  const said = (name, none = null) => text(data, name) || none;
  const body = {
    term: said("term"), grade: said("grade"), serious: said("serious"), criteria: all(data, "criteria"), words: said("words"), relation: said("relation", "not_assessed"),
    action: said("action", "none"), treatment: said("treatment"), outcome: said("outcome", "ongoing"),
  };
  return { kind: "adverse_event", body, words: ["Adverse event", `${label(sheet.terms, body.term)}${body.words ? `, ${body.words}` : ""}`] };
}
function marked(data, { row }, state) {
  const one = state.read.find((r) => r.id === row), chosen = all(data, "rows"), why = text(data, "why");
  const names = one ? one.rows.filter(([name]) => chosen.includes(name)) : [];
  return {
    kind: "artefact",
    body: { about: row, rows: one && chosen.length === one.rows.length ? [] : chosen, reason: why === "other" ? text(data, "words") : label(state.sheet.no_reading, why) },
    nothing: !chosen.length, words: ["No true reading", names.map(([, said]) => said).join(", ")],
  };
}
export const SAID = {
  emergencies: emergency, rescue: rescued, "adverse-event": happened, "no-reading": marked, readings: () => null,
  rescues: (data, { row }, state) => ({ kind: "rescue_effect", body: { rescue: row, effect: text(data, "effect"), words: text(data, "words") }, words: ["What it did", label(state.sheet.effects, text(data, "effect"))] }),
};

const CHOOSE = "Choose one.";
const MISSING = {
  emergency_end: [["outcome", CHOOSE]],
  rescue: [["dose", "Enter what was given."], ["unit", "Choose a unit."], ["route", "Choose the way."], ["ordered_by", "Say who ordered it."]],
  rescue_effect: [["effect", CHOOSE]],
  adverse_event: [["term", "Say what happened."], ["grade", "Say how grave it is."], ["serious", "Say whether it is serious."]],
  artefact: [["reason", "Say why."]],
};
/* More than is ever given is a slip; more than is usual is typed once more. */
function slips(body, { usual, never }) {
  const dose = Number(body.dose), told = `${body.dose} ${body.unit}`;
  if (dose > Number(never)) return [["dose", `${told} is more than is ever given at once (${never} ${body.unit}). Look at the number and its unit.`]];
  if (dose <= Number(usual) || Number(body.dose_again) === dose) return [];
  return [["dose_again", body.dose_again ? "It was typed otherwise the second time." : `${told} is more than is usual at once (${usual} ${body.unit}). Type the dose once more.`]];
}
/* What is missing or does not fit, said at once: [[field, words]]. */
export function problems({ kind, body, weighs, nothing, bounds }) {
  const found = (MISSING[kind] || []).filter(([name]) => !body[name]);
  if (kind === "rescue" && body.dose !== null && !(Number(body.dose) > 0)) found.push(["dose", "Enter a number above zero."]);
  if (kind === "rescue" && body.medicine === "other" && !body.name) found.push(["name", "Write the medicine’s name."]);
  if (bounds) found.push(...slips(body, bounds));
  if (weighs && !body.reason) found.push(["reason", "Say why it was given all the same."]);
  if (kind === "adverse_event" && body.term === "other" && !body.words) found.push(["words", "Write it in a few words."]);
  if (kind === "adverse_event" && body.serious === "yes" && !body.criteria.length) found.push(["criteria", "Say what makes it serious."]);
  if (kind === "adverse_event" && body.serious !== "yes" && body.criteria.length) found.push(["serious", "What is named makes it serious."]);
  if (nothing) found.push(["rows", "Choose what is no true reading."]);
  return found.map(([name, said]) => [name === "ordered_by" ? "orderer" : name, said]);
}

/* ---------- what goes on, with what waits here ---------- */
/* The steps of a checklist that are done with the dose paused or stopped. */
const done = (state, { key }, is) => Object.fromEntries(checklist(state, key).steps.filter((s) => s.done_by?.includes(is)).map((s) => [s.id, "done"]));
export function fold(state, { id, kind, body }) {
  if (kind === "adverse_event" && state.sheet.asks?.[body.action]) state.unrecorded = body.action;
  if (state.sheet.asks?.[state.unrecorded]?.includes(kind)) state.unrecorded = null;
  const is = { stop: "stopped", end_dosing: "stopped", pause: "paused" }[kind];
  if (is) state.runs = state.runs.map((r) => ({ ...r, ticked: { ...done(state, r, is), ...r.ticked } }));
  if (kind === "emergency") state.runs = [...state.runs, { id, key: body.checklist, ticked: {} }];
  if (kind === "emergency_step") state.runs = state.runs.map((r) => (r.id === body.run ? { ...r, ticked: { ...r.ticked, [body.step]: body.done ? "done" : "not_needed" } } : r));
  if (kind === "emergency_end") state.runs = state.runs.filter((r) => r.id !== body.run);
  if (kind === "rescue") state.rescues = [...state.rescues, { id, text: `${body.name || medicine(state, body.medicine)?.label}, ${body.dose} ${body.unit}` }];
  if (kind === "rescue_effect") state.rescues = state.rescues.filter((r) => r.id !== body.rescue);
  if (kind === "artefact") state.read = state.read.filter((r) => r.id !== body.about);
}
/* The checklist that an entry belongs to and that goes on after it. */
export const goesOn = ({ id, kind, body }) => (kind === "emergency" ? id : kind === "emergency_step" ? body.run : null);

/* Where what an event says of the dose is recorded. */
const VERB_PAGES = { pause: "pause", stop: "stop", end_dosing: "no-more" };
const doseWay = (state) => VERB_PAGES[state.sheet.asks?.[state.unrecorded]?.find((verb) => state.verbs.includes(verb))];

/* What stands in the rail: the checklists that run, and the ways in. */
export function rail(state) {
  if (!state.may_chart) return [];
  const going = state.runs.map((one) => {
    const open = left(state, one), { label: title, steps: each } = checklist(state, one.key);
    return h("section", { class: "do do--stop emergency", role: "status", "aria-label": "Emergency" },
      h("p", {}, h("span", { class: "sev sev--stop" }, "Emergency"), ` ${title}`), h("h2", { class: "small" }, open[0]?.text || "Every step is ticked."),
      h("p", {}, `${each.length - open.length} of ${each.length} steps`), h("a", { class: "btn btn--go", href: `${state.url}/emergencies/${one.id}`, "data-keypad": true }, "Go on with the checklist"));
  });
  const said = state.unrecorded && doseWay(state) ? [h("section", { class: "do do--late", role: "alert", "aria-label": "The dose" },
    h("p", {}, h("span", { class: "sev sev--hold" }, "The dose runs on")), h("h2", { class: "small" }, `An adverse event says “${label(state.sheet.actions, state.unrecorded).toLowerCase()}”, and nothing of that is recorded.`),
    link(state, doseWay(state), "Record it", "btn--stop"))] : [];
  const told = state.rescues.map((one) => h("p", { class: "then" }, h("b", {}, one.text), " ", h("a", { class: "btn", href: `${state.url}/rescues/${one.id}/effect`, "data-keypad": true }, "Say what it did")));
  return [...said, ...going, ...told];
}
export const ways = (state) => (state.may_chart ? [["emergencies", "Emergency", "btn--stop"], ["rescue", "Medicine", ""], ["adverse-event", "Event", ""], ["readings", "No true reading", ""]] : []);
