/* A page at the chair, with the network or without: what is recorded reaches the server once, or waits here until then. */
import { goOn, keep, openPad, pressed } from "./acting.js";
import { compare, now, offset, reach, wrong } from "./clock.js";
import * as correcting from "./correcting.js";
import { announce, h } from "./dom.js";
import { addressOf } from "./fields.js";
import { asReadings, fold } from "./fold.js";
import { cover, endSignIn, isLocked, lock, lockAllTheSame, lockWhenIdle } from "./lock.js";
import * as queue from "./queue.js";
import { facts, log, rail, waiting } from "./rail.js";
import { fromForm, mayWait, place } from "./said.js";
import * as store from "./store.js";
import * as vault from "./vault.js";

const { body } = document, user = body.dataset.user || "", here = place(location.href);
let snapshot = null, gone = false, since = 0, last = null, taking = 0, takenOver = false;

const mine = async () => (await queue.list()).filter((e) => e.session === here.session);
async function current() {
  return snapshot && { ...fold(snapshot, await mine(), now()), ...vault.rights(), now: now() };
}

/* ---------- opening what the tablet keeps ---------- */
async function byServer() {
  const asked = Date.now();
  const answer = await fetch("/tablet/token", {
    method: "POST", cache: "no-store", headers: { "Content-Type": "application/json" }, signal: AbortSignal.timeout(8000),
    body: JSON.stringify({ device: vault.device() }),
  });
  if (!answer.ok) return null;
  const told = await answer.json();
  if (vault.handedOver(told)) await anew();
  if (await vault.openByServer(told, asked)) return told;
  if (!(await vault.people()).some((p) => p.id === told.person.id)) return null;
  await cover({ person: told.person.id, title: "Entries wait here", text: "Your PIN opens what this tablet keeps; then it is sent." });
  return vault.isOpen() ? told : null;
}
async function takeAlong() {
  if (gone || !vault.isOpen()) return;
  const asked = Date.now();
  try {
    const answer = await fetch(`/patients/${here.patient}/sessions/${here.session}/tablet`, { cache: "no-store", redirect: "error", headers: { "X-Lowtide-Background": "1" }, signal: AbortSignal.timeout(8000) });
    if (!answer.ok) return;
    snapshot = await answer.json();
    if (offset() === null) compare(snapshot.made_at, asked);
    await vault.keep(`session ${here.session}`, snapshot);
    await store.put("meta", `kept ${here.session}`, { at: Date.now(), hours: snapshot.keep_h });
  } catch { /* the next answer brings it */ }
}
async function forgetOld() {
  for (const name of await store.keys("meta")) {
    if (!String(name).startsWith("kept ")) continue;
    const { at, hours } = await store.get("meta", name);
    if (Date.now() - at < hours * 3_600_000) continue;
    await store.drop("sealed", name.replace("kept", "session"));
    await store.drop("meta", name);
  }
}

/* ---------- what the page shows ---------- */
const count = (n) => `${n} ${n === 1 ? "entry waits" : "entries wait"}`;
function place_of_waiting() {
  const old = document.getElementById("offline-rail");
  if (old) return old;
  const made = h("div", { id: "offline-rail", class: "stack-2" });
  (document.querySelector(".rail") || document.querySelector("main .one") || document.querySelector("main")).prepend(made);
  return made;
}
async function draw() {
  const entries = await mine(), everything = await queue.list(), box = place_of_waiting();
  localStorage.setItem("lowtide-waiting", String(everything.length));
  banner(everything);
  if (snapshot) document.dispatchEvent(new CustomEvent("lowtide:waiting", { detail: asReadings(snapshot, entries) }));
  const typing = box.contains(document.activeElement) && document.activeElement.matches("input, textarea");
  if (typing) return;
  const state = await current();
  if (state) correcting.mark(state, place);
  const alone = gone || takenOver;
  document.querySelector(".rail")?.classList.toggle("is-offline", alone && Boolean(state));
  document.getElementById("offline-left")?.replaceChildren(...(state ? [facts(state), log(state)] : []));
  const open = [...box.querySelectorAll("details[open]")].length;
  if (open) return;
  if (box.matches(":active")) { setTimeout(draw, 300); return; } // swapped under a finger, the press would be lost
  const beside = state && !document.getElementById("offline-left") ? [log(state)] : []; // the server's own is hidden
  const shown = alone && state ? [...rail(state, entries), ...beside] : [waiting(entries, snapshot?.zone)].filter(Boolean);
  box.replaceChildren(...shown);
}
function banner(everything) {
  const strip = document.getElementById("offline");
  if (strip && gone && vault.isOpen()) {
    strip.setAttribute("role", "status");
    const at = new Date(since + (offset() ?? 0)).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: snapshot?.zone });
    if (!strip.querySelector("[data-lock]")) strip.append(h("button", { class: "btn", type: "button", "data-lock": true }, "Lock"));
    strip.querySelector("p").replaceChildren(h("b", {}, `No network since ${at}.`), " Keep going: all is kept on this tablet and sent once.", everything.length ? h("b", { class: "waits" }, ` ${count(everything.length)}.`) : "");
  }
  clockBanner();
}
function clockBanner() {
  const words = wrong(), old = document.getElementById("wrong-clock");
  if (!words) { old?.remove(); return; }
  const text = `This tablet’s clock is ${words}. What is charted here is corrected and marked.`;
  if (old) { if (old.dataset.words !== text) old.querySelector("p").textContent = text; old.dataset.words = text; return; }
  document.getElementById("offline")?.after(h("div", { id: "wrong-clock", class: "banner banner--hold banner--page noprint", role: "status", "data-words": text }, h("span", { class: "i i--late", "aria-hidden": "true" }), h("p", {}, text)));
}

/* ---------- the network goes and comes ---------- */
document.addEventListener("lowtide:lost", async () => {
  gone = true;
  since ||= Date.now();
  await offerPin();
  await draw();
  if (last && Date.now() - last.at < 15_000 && !document.querySelector("dialog[open]")) openPad(last.href, await current());
  last = null;
});
document.addEventListener("lowtide:found", async () => {
  gone = false;
  since = 0;
  if (isLocked()) endSignIn(); // it was locked while nobody could be told
  if (vault.isOpen()) await queue.send(); else if (!isLocked()) await begin();
  if (vault.isOpen() && vault.me.id !== user) { await anew(); return; }
  await takeAlong();
  await offerPin();
  document.dispatchEvent(new CustomEvent("lowtide:refresh"));
  await draw();
});
document.addEventListener("lowtide:queue", draw);
document.addEventListener("lowtide:clock", clockBanner);
document.addEventListener("htmx:after:swap", () => {
  current().then((state) => state && correcting.mark(state, place));
  clearTimeout(taking);
  taking = setTimeout(takeAlong, 800);
});
const doubt = () => document.dispatchEvent(new CustomEvent("lowtide:doubt"));

/* ---------- links and forms ---------- */
document.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || !vault.isOpen()) return;
  if (event.target.closest?.("[data-lock]")) { event.preventDefault(); return; }
  const link = event.target.closest?.("a[href]");
  if (!link || !snapshot || !place(link.href)?.page) return;
  if (gone) {
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed(link, await current());
    return;
  }
  if (!mayWait(link.href)) return;
  last = { href: link.href, at: Date.now() };
  if (link.dataset.keypad !== undefined) return; // session.js fetches it over the page, and says when it cannot
  event.preventDefault();
  if (await reach()) location.href = link.href; else doubt();
}, true);

/* Send a form; answers what became of it: "saved", "shown" (the server has something to say) or "gone". */
async function post(form, submitter) {
  try {
    const answer = await fetch(addressOf(form), { method: "POST", body: new FormData(form, submitter), redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(8000) });
    return answer.type === "opaqueredirect" ? "saved" : answer.status >= 500 ? "gone" : "shown";
  } catch { return "gone"; }
}
function natively(form, submitter) {
  if (submitter?.name) form.append(h("input", { type: "hidden", name: submitter.name, value: submitter.value }));
  HTMLFormElement.prototype.submit.call(form);
}
async function send(form, submitter) {
  last = null;
  const state = await current();
  const { page, about } = place(addressOf(form)), checklist = page === "emergencies" && about !== "end";
  const first = !gone && !form.dataset.madeHere && (await queue.list()).every((e) => e.closed);
  // a checklist goes on where the server leads
  if (first && checklist && (await reach())) { natively(form, submitter); return; }
  const became = first && !checklist ? await post(form, submitter) : "gone";
  if (became === "saved") {
    document.dispatchEvent(new CustomEvent("lowtide:saved", { detail: form }));
    location.href = snapshot.url;
  } else if (became === "shown") natively(form, submitter);
  else {
    if (first) doubt();
    const entry = await keep(form, submitter, state);
    if (!entry) return;
    await draw();
    goOn(entry, await current());
    if (!gone) afterSending(await queue.send());
  }
}
async function afterSending(reached) {
  if (reached) { await takeAlong(); document.dispatchEvent(new CustomEvent("lowtide:refresh")); } else doubt();
}
const busy = new Set();
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method !== "post" || !snapshot || !vault.isOpen() || !mayWait(addressOf(form))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (busy.has(form)) return;
  busy.add(form);
  submitter?.setAttribute("aria-busy", "true");
  send(form, submitter).finally(() => { busy.delete(form); submitter?.removeAttribute("aria-busy"); });
}, true);

/* ---------- locking ---------- */
async function lockPage() {
  await lock();
  await covered();
}
/* Locked, a tablet opens by a PIN that it knows, or with the network; where it has neither, care goes on and it stays open. */
const opensAgain = async () => (await vault.knowsPin()) || (!gone && reach());
async function lockIdle() {
  if (await opensAgain()) await lockPage(); else doubt();
}
async function covered(how = {}) {
  const answer = await cover({ person: user, ...how });
  if (!answer.open) return;
  if (answer.online && answer.told.person.id !== user) { location.reload(); return; }
  if (answer.online && answer.told.csrf) freshCodes(answer.told.csrf);
  snapshot = (await vault.kept(`session ${here.session}`)) || snapshot;
  for (const box of document.querySelectorAll("dialog[data-was-open]")) delete box.dataset.wasOpen;
  if (!answer.online && vault.me.id !== user) {
    ofNobody();
    if (await reach()) { await anew(); return; }
    doubt();
  }
  if (answer.online) { await queue.renew(); await queue.send(); await takeAlong(); }
  await offerPin();
  body.dataset.tablet = "ready";
  await draw();
}
/* What the server drew was for somebody else: what the tablet itself knows takes its place. */
function ofNobody() {
  takenOver = true;
  const main = document.querySelector("main");
  const keypad = document.getElementById("keypad") || h("dialog", { id: "keypad", class: "pad-dialog", "aria-labelledby": "keypad-title" });
  if (keypad.open) keypad.close();
  keypad.replaceChildren();
  main.className = "chair";
  main.replaceChildren(h("div", { class: "left", id: "offline-left" }), h("div", { class: "rail is-offline" }, h("div", { id: "offline-rail", class: "stack-2" })), keypad);
}
/* Somebody else took the tablet over without the network: the sign-in of whoever was here before ends, and the PIN signs
   in whoever is here now. */
async function anew() {
  await lock();
  await cover({ person: vault.last() || user, title: "The network is back", text: "Your PIN signs you in, at the same place.", signs: true });
  location.reload();
  await new Promise(() => {});
}
/* The forms of the page were made under the sign-in that ended: they go out under the new one. */
function freshCodes(code) {
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = code;
  if (body.hasAttribute("hx-headers:inherited")) body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": code }));
}
document.addEventListener("click", async (event) => {
  if (event.target.closest?.("[data-lock]") && ((await opensAgain()) || (await lockAllTheSame()))) await lockPage();
});

/* ---------- a PIN for the time without network ---------- */
/* Offered until the tablet knows the PIN, while the network is there to tell whether it is right. */
async function offerPin() {
  const needed = vault.isOpen() && !gone && !(await vault.knowsPin()), old = document.getElementById("pin-offer");
  if (!needed) old?.remove();
  if (!needed || old) return;
  const hasPin = vault.me.has_pin;
  const strip = h("div", { id: "pin-offer", class: "banner banner--page noprint", role: "region", "aria-label": "Without network" }, h("span", { class: "i i--lock", "aria-hidden": "true" }),
    h("p", {}, h("b", {}, "This tablet is not ready for a restart without network. "), hasPin ? "Enter your PIN once here." : "Choose a PIN first."),
    hasPin ? h("button", { class: "btn", type: "button", onclick: async () => {
      await covered({ title: "Make this tablet ready", text: "With your PIN it opens without the network, too.", later: "Not now" });
      if (await vault.knowsPin()) announce("This tablet is ready for work without network");
    } }, "Enter the PIN") : h("a", { class: "btn", href: "/me/pin" }, "Choose a PIN"));
  document.getElementById("offline")?.after(strip);
}

async function begin() {
  const opened = (await vault.openByWorker(user)) || (await byServer().catch(() => null));
  if (!opened || !vault.isOpen()) { if (!opened) doubt(); return; }
  snapshot = await vault.kept(`session ${here.session}`);
  await forgetOld();
  await queue.renew();
  await offerPin();
  await Promise.all([takeAlong(), reach()]); // the clock is set by an answer that comes quickly, before the network may go
  navigator.storage?.persist?.().catch(() => {}); // a full disk must not take what waits here
  body.dataset.tablet = "ready"; // from here on the page works without the network
  await queue.send();
  await draw();
}

if (vault.supported() && here && user) {
  navigator.serviceWorker?.register("/tablet-worker.js").catch(() => {});
  if (isLocked()) await covered(); else await begin();
  await reach();
  lockWhenIdle(vault.me?.lock_after_s || 300, lockIdle);
  setInterval(() => { if (gone) draw(); else queue.size().then((n) => (n ? queue.send() : null)); }, 15_000);
  setInterval(() => { if (!gone && !document.hidden) takeAlong(); }, 60_000);
}
