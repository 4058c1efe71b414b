/* The tablet's own page, for a start without network: the PIN, then the session as it was known last, and charting on it. */
import { goOn, keep, openPad, pressed } from "./acting.js";
import { now, offset, reach, wrong } from "./clock.js";
import { clock, h, icon } from "./dom.js";
import { fold } from "./fold.js";
import { cover, lock, lockWhenIdle } from "./lock.js";
import * as queue from "./queue.js";
import { facts, head, log, rail } from "./rail.js";
import { place } from "./said.js";
import * as store from "./store.js";
import * as vault from "./vault.js";

const $ = (selector) => document.querySelector(selector);
const asked = place(location.href);
let snapshot = null, online = false, opened = asked?.page || "";

const mine = async () => (await queue.list()).filter((e) => e.session === snapshot?.session);
const current = async () => snapshot && { ...fold(snapshot, await mine(), now()), ...vault.rights(), now: now() };

async function sessions() {
  const names = (await store.keys("sealed")).filter((name) => String(name).startsWith("session "));
  return (await Promise.all(names.map((name) => vault.kept(name)))).filter(Boolean);
}
function choose(found) {
  const others = found.map((s) => h("li", { class: "due" }, icon("clock"), h("b", {}, s.patient.name), h("span", { class: "when" }, s.line), h("button", { class: "btn", type: "button", onclick: () => { snapshot = s; draw(); } }, "Open")));
  $("#main").replaceChildren(h("section", { class: "sheet" }, h("header", {}, h("h2", {}, found.length ? "Sessions on this tablet" : "Nothing is kept here")),
    found.length ? h("ul", {}, others) : h("p", { class: "pad-2" }, "Sessions that were open on this tablet today can be charted without network. This one was not.")));
}

async function draw() {
  const everything = await queue.list();
  localStorage.setItem("lowtide-waiting", String(everything.length));
  strip(everything);
  const state = await current();
  if (!state) { choose(await sessions()); return; }
  const active = document.activeElement;
  if (active?.matches("main input, main textarea")) return;
  if ($("#main").matches(":active")) { setTimeout(draw, 300); return; } // swapped under a finger, the press would be lost
  $("#head").replaceChildren(...head(state).filter(Boolean));
  const scrolled = scrollY;
  $("#main").replaceChildren(h("div", { class: "left" }, facts(state), log(state)), h("div", { class: "rail" }, ...rail(state, await mine())));
  scrollTo(0, scrolled);
}
function strip(everything) {
  const waits = everything.length ? ` ${everything.length} ${everything.length === 1 ? "entry waits" : "entries wait"}.` : "";
  const fast = wrong();
  const words = online
    ? ["The network is back.", everything.length ? waits : " Everything was sent."]
    : ["No network.", ` Keep going: all is kept on this tablet and sent once.${waits}`, snapshot ? ` Known as of ${clock(snapshot.made_at, snapshot.zone)}.` : ""];
  $("#offline").replaceChildren(...[icon("offline"), h("p", {}, h("b", {}, words[0]), words[1], words[2] || "", fast ? h("span", { id: "wrong-clock" }, ` This tablet’s clock is ${fast}; what is charted here is corrected and marked.`) : ""),
    online ? h("button", { class: "btn", type: "button", onclick: back }, "Go on with the network") : null,
    vault.isOpen() ? h("button", { class: "btn", type: "button", "data-lock": true }, "Lock") : null].filter(Boolean));
}
/* Back to the server's page at the same address; where its sign-in is over, the PIN opens it again. */
async function back() {
  const there = asked ? `/patients/${asked.patient}/sessions/${asked.session}` : snapshot?.url || "/";
  const answer = await fetch("/tablet/token", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ device: vault.device() }) }).catch(() => null);
  if (answer?.ok && (await answer.json()).person.id === vault.me?.id) { location.replace(there); return; }
  const opened = await cover({ person: vault.me?.id, title: "The network is back", text: "Your PIN signs you in again, at the same place." });
  if (opened.online) location.replace(there);
}

async function look() {
  const there = await reach();
  if (there !== online) { online = there; document.body.dataset.online = there ? "yes" : "no"; }
  if (online && vault.isOpen() && (await queue.size())) await queue.send();
  if (online && !vault.isOpen() && !$("dialog[open]")) location.replace(asked ? location.pathname : "/");
  if (vault.isOpen()) await draw();
}

document.addEventListener("click", async (event) => {
  if (event.target.closest?.("[data-lock]")) { await lock(); await start(); return; }
  const press = event.target.closest?.("[data-press]");
  if (press) { digit(press); return; }
  const link = event.target.closest?.("a[href]");
  if (!link || !place(link.href)?.page || !snapshot) return;
  event.preventDefault();
  pressed(link, await current());
}, true);
document.addEventListener("submit", async (event) => {
  if (event.target.method !== "post") return;
  event.preventDefault();
  if (!snapshot || !vault.isOpen()) return;
  const entry = await keep(event.target, event.submitter, await current());
  await draw();
  if (entry) goOn(entry, await current());
  if (online) queue.send();
}, true);
document.addEventListener("lowtide:queue", draw);

/* The digits of the pad: they go where the caret was; “next” walks on and sends at the end. */
let entry = null;
document.addEventListener("focusin", (event) => { if (event.target.matches(".entry input")) entry = event.target; });
function digit(key) {
  const fields = [...key.closest("form").querySelectorAll(".entry input")], field = fields.includes(entry) ? entry : fields[0];
  if (!field) return;
  if (key.dataset.press === "next") {
    const next = fields.slice(fields.indexOf(field) + 1).find((f) => !f.value);
    if (next) next.focus(); else key.form.requestSubmit(key.form.querySelector("[type=submit]"));
    return;
  }
  field.value = key.dataset.press === "back" ? field.value.slice(0, -1) : field.value + key.dataset.press;
  entry = field;
}

async function start() {
  $("#head").replaceChildren(h("div", {}, h("h1", {}, "Lowtide")));
  $("#main").replaceChildren();
  snapshot = null;
  strip([]);
  const people = vault.supported() ? await vault.people() : [];
  if (!people.length) {
    $("#main").replaceChildren(h("section", { class: "sheet pad-3" }, h("h2", {}, "No network"), h("p", {}, "This tablet opens nothing without it: nobody has entered a PIN here. It goes on by itself when the network is back.")));
    return;
  }
  await cover({ title: "No network", text: "Your PIN opens what this tablet keeps." });
  snapshot = asked ? await vault.kept(`session ${asked.session}`) : null;
  await queue.renew();
  await draw();
  if (opened && snapshot) { openPad(location.href, await current()); opened = ""; }
  lockWhenIdle(vault.me.lock_after_s || Number(document.body.dataset.lockAfter) || 300, async () => { await lock(); await start(); });
}

setInterval(look, 5000);
setInterval(() => { if (vault.isOpen() && !$("dialog[open]")) draw(); }, 10_000);
online = await reach();
document.body.dataset.online = online ? "yes" : "no";
/* The page itself, where it can be had; not again and again where the server is only slow. */
const tried = Number(sessionStorage.getItem("lowtide-tried") || 0);
if (online && asked && Date.now() - tried > 30_000) {
  sessionStorage.setItem("lowtide-tried", String(Date.now()));
  location.replace(location.pathname);
} else await start();
