/* The parts that the tablet's own forms are made of, and how their fields are read. */
import { h } from "./dom.js";

/* Where a form goes; one of its fields may be called “action”. */
export const addressOf = (form) => new URL(form.getAttribute("action") || "", location.href).href;
export const text = (data, name) => String(data.get(name) || "").trim() || null;
/* A decimal comma is a point. One that may part thousands (1,500) stays, and is no number: science/units.with_point. */
export const number = (data, name) => text(data, name)?.replace(/^(?![+-]?[1-9]\d{0,2},\d{3}$)([+-]?\d+),(\d+)$/, "$1.$2") ?? null;

export const field = (label, control, note) => h("div", { class: "field" }, h("label", { for: control.id }, label), control, note ? h("p", { class: "soft" }, note) : null);
export const input = (name, more = {}) => h("input", { id: `pad-${name}`, name, autocomplete: "off", ...more });
export const select = (name, choices) => h("select", { id: `pad-${name}`, name }, choices.map(([value, words]) => h("option", { value }, words)));
export const reason = (label) => field(label, input("reason", { maxlength: 500 }));
export const radios = (name, choices, kind, { chosen = "", many = false } = {}) => h("div", { class: `opts ${kind}` }, choices.map(([value, words]) =>
  h("label", {}, h("input", { type: many ? "checkbox" : "radio", name, value, checked: value === chosen }), h("span", {}, words))));
export const group = (label, control) => h("fieldset", { class: "field" }, h("legend", {}, label), control);
export const earlier = (words = "Taken earlier") => h("details", { class: "earlier" }, h("summary", { class: "chip" }, words),
  field(`${words}, at`, input("taken", { type: "time" }), "Leave it empty for now."));

/* The large fields with the digits beside them. */
function entry(fields) {
  return h("div", { class: "entry" }, fields.map(({ name, label, last }, n) => h("div", { class: "cell" },
    h("label", { for: `pad-${name}` }, label),
    input(name, { inputmode: "decimal", "aria-describedby": `pad-${name}-last`, autofocus: n === 0 }),
    h("p", { id: `pad-${name}-last` }, h("span", { class: "last" }, last)))));
}
function digits() {
  const key = (value, words = value, more = {}) => h("button", { type: "button", "data-press": value, ...more }, words);
  return h("div", { class: "pad", role: "group", "aria-label": "Digits" },
    [..."123456789"].map((d) => key(d)), key("back", "⌫", { "aria-label": "Delete" }), key("0"), key("."), key("next", "Next", { class: "go wide" }));
}
export function form(address, title, verb, { fields = [], body = [], note = "", also = null, verbs = null }) {
  return h("form", { class: `dlg kp${fields.length ? "" : " kp--plain"}`, method: "post", action: address, "aria-labelledby": "keypad-title", "data-made-here": true },
    h("div", {},
      h("h2", { id: "keypad-title" }, title),
      h("p", { class: "error", role: "alert", hidden: true }),
      fields.length ? entry(fields) : null, body,
      note ? h("p", { class: "soft gap-above" }, note) : null,
      h("p", { class: "soft gap-above" }, "No network: it is kept on this tablet and sent once."),
      h("div", { class: "acts gap-above" },
        verbs || h("button", { class: "btn btn--go btn--big grow", type: "submit" }, verb),
        h("button", { class: "btn btn--big", type: "button", "data-close": true }, "Leave it")),
      also),
    fields.length ? digits() : null);
}
