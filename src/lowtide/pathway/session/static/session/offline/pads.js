/* The forms that the tablet makes itself while there is no network. Their fields have the names of the server's forms;
   the last value stands under a field, never in it. */
import { ago, h } from "./dom.js";
import { earlier, field, form, group, input, radios, reason } from "./fields.js";
import { waiting } from "./fold.js";
import * as correcting from "./correcting.js";
import * as trouble from "./trouble.js";

const together = (row, rows) => (row.id === "bp" ? [row, ...rows.filter((r) => ["hr", "spo2"].includes(r.id))] : [row]);

function enter(url, state, { row }) {
  const { sheet } = state, known = sheet.rows.find((r) => r.id === row);
  if (!known) return null;
  const also = h("p", { class: "gap-above" }, h("a", { href: `${state.url}/not-done/${row}`, "data-keypad": true }, "Not done? Say why"));
  if (known.scale && known.top) {
    const last = lastOf(state, known, known.scale);
    return form(url, known.name, `Record ${known.label}`, { fields: [{ name: "value", label: `${known.name}, ${known.unit}`, last }], body: [earlier()], also });
  }
  if (known.scale) {
    const words = known.choices.length < 8 && known.choices.some(([n, w]) => n !== w);
    const choices = known.choices.map(([n, w]) => [n, n === w ? n : `${w} (${n})`]);
    return form(url, known.name, `Record ${known.name.toLowerCase()}`, {
      body: [group(`${known.name}, ${known.unit}`, radios("value", choices, words ? "opts--words" : "opts--digits")), earlier()], also,
    });
  }
  const fields = together(known, sheet.rows).flatMap((each) => each.fields.map((f) => ({
    name: f.name, label: `${f.label}, ${f.unit}`, last: lastOf(state, each, f.name),
  })));
  return form(url, known.name, `Record ${known.label}`, { fields, body: [earlier()], also, note: "An unlikely value asks you to look again. It never blocks." });
}
function lastOf(state, row, name) {
  const found = state.last.find((l) => l.row === row.id), value = state.last_values[name];
  return value === undefined ? "not charted yet" : `last ${value}${found ? `, ${ago(state.now - Date.parse(found.at))}` : ""}`;
}

/* The label of what is hung or given, where it was made up with one. */
const label = (state) => (state.labelled || state.labels?.length
  ? field(`Label of what you ${state.begins || "hang"}`, input("scanned", { inputmode: "numeric", maxlength: 40 }), "Scan it, or type its sixteen digits.") : null);

const MAKE = {
  enter,
  value: correcting.pad,
  "not-done": (url, state, { row }) => form(url, `${[...state.sheet.rows, { id: "pump", name: "Pump check" }].find((r) => r.id === row)?.name || row} was not done`, "Record it", {
    body: [group("Why it was not done", radios("why", [...Object.entries(state.sheet.not_done), ["other", "another reason"]], "opts--words")), field("In words", input("words", { maxlength: 200 }))],
  }),
  event: (url, state) => form(url, "What happened", "Record it", {
    body: [group("What happened", radios("what", [...state.sheet.chips.map((c) => [c.id, c.label]), ["other", "Something else"]], "opts--words")), field("In words", input("detail", { maxlength: 500 })), earlier()],
  }),
  note: (url, state) => form(url, "Note", "Record the note", {
    body: [field("Note", h("textarea", { id: "pad-text", name: "text", rows: 6, maxlength: 20000, autofocus: true })),
      state.topics.length > 1 ? group("Who it is for", radios("topic", state.topics, "opts--words")) : h("input", { type: "hidden", name: "topic", value: state.topics[0]?.[0] || "clinical" })],
  }),
  answer: (url, state, { row }) => form(url, `Reminder ${row}`, "Record the answer", {
    body: [state.answers?.[row]?.length ? group("What you do about it", radios("tap", state.answers[row].map((words) => [words, words]), "opts--words")) : null, reason("In your words")],
  }),
  start: (url, state) => (state.held.length ? null : form(url, "Start the infusion", "Start the infusion", {
    fields: [{ name: "rate_ml_per_h", label: "Rate, mL/h", last: `ordered ${state.order?.rate_ml_per_h ?? "–"} mL/h` }, { name: "volume_ml", label: "Volume to be infused, mL", last: `${waiting(state).length ? "made up" : "ordered"} ${waiting(state)[0]?.volume_ml ?? state.order?.volume_ml ?? "–"} mL` }],
    body: [label(state), reason("Reason, if it differs from the order"), earlier()], note: "Lowtide writes down what the pump says. It never drives one.",
  })),
  pump: (url, state) => form(url, state.phase === "paused" ? "Resume the infusion" : "Read the pump", state.phase === "paused" ? "Resume the infusion" : "Read the pump", {
    fields: [{ name: "rate_ml_per_h", label: "Rate, mL/h", last: `ordered ${state.order?.rate_ml_per_h ?? "–"} mL/h` }],
    body: [reason("Reason, if it differs from the order"), earlier()],
    also: state.phase === "paused" ? null : h("p", { class: "gap-above" }, h("a", { href: `${state.url}/pause`, "data-keypad": true }, "The pump was paused")),
  }),
  pause: (url) => form(url, "Record a pause", "Record a pause", { body: [reason("Reason"), earlier()] }),
  stop: (url, state) => form(url, "Record the end", "Record the end", {
    fields: [{ name: "delivered_ml", label: "Volume infused, mL", last: state.infusion ? `of ${state.infusion.volume_ml} mL` : "" }],
    body: [h("label", { class: "tick" }, h("input", { type: "checkbox", name: "complete" }), h("span", {}, "The infusion ran to its end")), reason("Reason, if it was cut short"), earlier()],
  }),
  "change-container": (url, state) => (waiting(state).length ? form(url, "Change the bag or syringe", "Record the change", {
    fields: [{ name: "residual_ml", label: "Left in the one that ended, mL", last: "as measured; 0 for empty" }, { name: "rate_ml_per_h", label: "Rate on the pump afterwards, mL/h", last: `ordered ${state.order?.rate_ml_per_h ?? "–"} mL/h` }],
    body: [label(state), reason("Reason, if it differs from the order"), earlier()],
  }) : null),
  give: (url, state) => (state.parts && Number(state.parts.of_mg) ? form(url, state.parts.words[0].replace(/ given$/, ""), `Record: ${state.parts.words[0].toLowerCase()}`, {
    body: [h("input", { type: "hidden", name: "number", value: state.parts.number }), label(state),
      group("What went in", radios("how_much", [["all", "All of it"], ["half", "Half of it"], ["none", "Nothing: it failed"], ["other", "Another amount"]], "opts--words")),
      field("Another amount, mg", input("mg", { inputmode: "decimal" })),
      state.parts.sites.length ? group("Site", radios("site", state.parts.sites.map((s) => [s, s]), "opts--words")) : null,
      state.parts.has_lot ? field("Lot, where it is another than the one checked", input("lot", { maxlength: 40 })) : null,
      reason("Reason, where it is not whole or comes sooner"), earlier()],
  }) : null),
  "no-more": (url) => form(url, "Nothing more is given", "Record that it ends here", { body: [reason("Why the rest is not given")] }),
};

/* The form for an address of the session; null where the tablet makes none. */
export const pad = (where, state, address) => (MAKE[where.page] || trouble.PADS[where.page])?.(address, state, where) ?? null;

/* Say beside the form what is wrong; answers whether it may be kept. */
export function tell(form, found) {
  const place = form.querySelector(".error");
  if (place) {
    place.hidden = !found.length;
    place.textContent = found.map(([, words]) => words).join(" ");
  }
  for (const cell of form.querySelectorAll(".cell")) cell.classList.remove("cell--error");
  for (const [name] of found) if (name) form.querySelector(`[name="${name}"]`)?.closest(".cell")?.classList.add("cell--error");
  for (const [name] of found) if (name) form.querySelector(`[name="${name}"]`)?.closest("[hidden]")?.removeAttribute("hidden");
  if (found.length) form.querySelector(`[name="${found[0][0]}"]`)?.focus();
  return !found.length;
}

/* A value far from the last one asks once to look again; the second press keeps it. */
export function lookAgain(form, said, state) {
  if (said.kind !== "vitals" && said.kind !== "correct") return false;
  const names = state.sheet.rows.flatMap((r) => r.fields.map((f) => f.name));
  const far = Object.entries(said.body).filter(([name, value]) => {
    const last = names.includes(name) && Number((said.against || state.last_values)[name]);
    return last && Math.abs(Number(value) - last) * 100 > last * state.sheet.look_again_pct;
  }).map(([name]) => name);
  const sure = JSON.stringify(said.body);
  if (!far.length || form.dataset.sure === sure) return false;
  form.dataset.sure = sure;
  for (const name of far) form.querySelector(`[name="${name}"]`)?.closest(".cell")?.classList.add("cell--look");
  tell(form, [["", "Far from the last value: look again. If it is right, record it as it stands."]]);
  return true;
}
