/* The cover over a locked tablet. A PIN opens it, with the network or without, at the same place: what was typed below
   stays as it is. */
import { h } from "./dom.js";
import * as vault from "./vault.js";

const LOCKED = "lowtide-locked";
const NOT_OPENED = {
  wrong: "That PIN is not right.",
  unknown: "Without the network this tablet cannot tell whether that PIN is right: it was never entered here before. Wait for the network, or sign in there.",
  closed: "This tablet opens again only with the network: sign in there.",
};
/* A lock belongs to the sign-in that it ended: one made since, with a password, needs no PIN. */
export function isLocked() {
  const locked = localStorage.getItem(LOCKED);
  if (locked && locked !== "yes" && locked !== document.body.dataset.since) localStorage.removeItem(LOCKED);
  return localStorage.getItem(LOCKED) !== null;
}

let ending = null, unlocking = false; // the word that a sign-in ends never overtakes, nor ends, the one that follows it

/* What the server says to a PIN; null where it cannot be reached. */
async function unlock(name, pin, within) {
  await ending;
  const asked = Date.now();
  unlocking = true;
  try {
    const answer = await fetch("/tablet/unlock", {
      method: "POST", cache: "no-store", headers: { "Content-Type": "application/json" }, signal: AbortSignal.timeout(within),
      body: JSON.stringify({ device: vault.device(), name, pin }),
    });
    const told = await answer.json();
    return answer.ok ? { ok: true, told, asked } : { ok: false, ...told.error };
  } catch { return null; } finally { unlocking = false; }
}

/* Try to open; answers {open, online, told} or {words}. `signs`: it is no use without the sign-in that the server makes.
   Where the tablet can open by itself, a slow server is waited for less long. */
async function open({ id, name }, pin, signs) {
  const alone = !signs && (await vault.people()).some((p) => p.id === id);
  const answer = await unlock(name, pin, alone ? 6000 : 20_000);
  if (answer?.ok) {
    const { told, asked } = answer;
    const opened = (await vault.openByServer(told, asked)) || ((await vault.openByPin(told.person.id, pin)) === "open" && (await vault.adopt(told, asked)));
    if (opened) await vault.learnPin(pin);
    return opened ? { open: true, online: true, told: answer.told } : { words: "What waits here was made under another key. Sign in with your password." };
  }
  if (answer) return { words: `${answer.what}. ${answer.mend || ""}` };
  if (signs) return { words: "The network does not answer yet: try again." };
  const found = await vault.openByPin(id, pin);
  if (found === "open") return { open: true, online: false };
  return { words: NOT_OPENED[found] };
}

function form(people, chosen, title, text, later) {
  const who = people.length > 1
    ? h("fieldset", { class: "field" }, h("legend", {}, "Who"), h("div", { class: "opts opts--words" }, people.map((p) => h("label", {}, h("input", { type: "radio", name: "who", value: p.id, checked: p.id === chosen }), h("span", {}, p.name)))))
    : h("input", { type: "hidden", name: "who", value: people[0]?.id || "" });
  return h("form", { class: "dlg pin", method: "dialog", "data-again": true },
    h("h2", {}, title), h("p", { class: "soft" }, text),
    people.length === 1 ? h("p", {}, h("b", {}, people[0].name)) : null, who,
    h("div", { class: "field" }, h("label", { for: "tablet-pin" }, "PIN"),
      h("input", { id: "tablet-pin", name: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, required: true, "data-nodraft": true, autofocus: true })),
    h("p", { class: "error", role: "alert" }),
    h("div", { class: "acts" }, h("button", { class: "btn btn--go btn--big grow", type: "submit" }, "Open"), later
      ? h("button", { class: "btn btn--big", type: "button", "data-later": true }, later)
      : h("a", { class: "btn btn--big", href: `/accounts/login/?next=${encodeURIComponent(location.pathname)}` }, "Sign in instead")));
}

/* Cover the page until a PIN opens it; where the tablet was not locked, `later` says how to go on without. With `signs`
   only a PIN that signs in does. */
export async function cover({ person = "", title = "Locked", text = "Your PIN opens it at the same place.", later = "", signs = false } = {}) {
  const known = await vault.people();
  const name = vault.me?.id === person ? vault.me.name : document.querySelector("[data-user-name]")?.dataset.userName || "You";
  const people = !person || known.some((p) => p.id === person) ? known : [{ id: person, name }, ...known];
  const dialog = h("dialog", { id: "locked", class: "lock", "aria-label": title }, form(people, person || people[0]?.id, title, text, later));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => { if (dialog.isConnected) dialog.showModal(); });
  for (const other of document.querySelectorAll("dialog[open]")) if (other.id !== "locked") other.dataset.wasOpen = "yes";
  document.body.append(dialog);
  document.body.classList.add("is-locked");
  dialog.showModal();
  const uncover = () => { document.body.classList.remove("is-locked"); dialog.remove(); };
  return new Promise((done) => {
    dialog.querySelector("[data-later]")?.addEventListener("click", () => { uncover(); done({ open: false }); });
    dialog.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const data = new FormData(event.target), button = event.target.querySelector("[type=submit]");
      button.disabled = true;
      const answer = await open(people.find((p) => p.id === data.get("who")) || people[0], String(data.get("pin") || ""), signs).catch((error) => ({ words: String(error) }));
      button.disabled = false;
      if (!answer.open) {
        dialog.querySelector(".error").textContent = answer.words;
        dialog.querySelector("#tablet-pin").value = "";
        dialog.querySelector("#tablet-pin").focus();
        return;
      }
      localStorage.removeItem(LOCKED);
      delete document.body.dataset.since; // a PIN may have made another sign-in than the page tells
      uncover();
      done(answer);
    }, true);
  });
}

/* Whether to lock a tablet all the same that knows no PIN, without the network that would open it again. */
export function lockAllTheSame() {
  return new Promise((done) => {
    const button = (words, value, more) => h("button", { class: `btn btn--big ${more}`, value }, words);
    const dialog = h("dialog", { id: "lock-ask", class: "dlg", "aria-labelledby": "lock-title", onclose: () => { done(dialog.returnValue === "lock"); dialog.remove(); } },
      h("form", { method: "dialog" }, h("h2", { id: "lock-title" }, "Lock without network?"),
        h("p", {}, "This tablet knows no PIN yet. Locked, it opens again only when the network is back; until then nobody charts on it. What waits here is kept."),
        h("div", { class: "acts" }, button("Keep it open", "", "btn--go grow"), button("Lock it", "lock", ""))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/* Lock now: the key is dropped, here and with the worker, and the server is told that the sign-in ends. */
export async function lock() {
  localStorage.setItem(LOCKED, document.body.dataset.since || "yes");
  await vault.lock();
  endSignIn();
}

/* The server is told that whoever was signed in has left this tablet. */
export async function endSignIn() {
  const code = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!code || unlocking) return;
  ending = fetch("/tablet/lock", { method: "POST", keepalive: true, redirect: "manual", headers: { "X-CSRFToken": code }, signal: AbortSignal.timeout(6000) }).catch(() => {});
  await ending;
}

/* The last touch in any tab of this browser counts: a tab that nobody looks at locks nobody out. */
const TOUCHED = "lowtide-touched";
function tell(at) {
  try { localStorage.setItem(TOUCHED, String(at)); } catch { /* a browser that keeps nothing knows this tab alone */ }
}
function told() {
  try { return Number(localStorage.getItem(TOUCHED)) || 0; } catch { return 0; }
}

/* Lock after a while without a touch. */
export function lockWhenIdle(seconds, act) {
  let touched = Date.now();
  const touch = () => { touched = Date.now(); tell(touched); };
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, touch, { capture: true, passive: true });
  const look = () => { if (vault.isOpen() && Date.now() - Math.max(touched, told()) > seconds * 1000) act(); };
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}
