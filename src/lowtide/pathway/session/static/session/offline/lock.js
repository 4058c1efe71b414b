/* The cover over a locked tablet. A PIN opens it, with the network or without, at the same place: what was typed below
   stays as it is. */
import { h } from "./dom.js";
import * as vault from "./vault.js";

const LOCKED = "lowtide-locked";
/* A lock belongs to the sign-in that it ended: one made since, with a password, needs no PIN. */
export function isLocked() {
  const locked = localStorage.getItem(LOCKED);
  if (locked && locked !== "yes" && locked !== document.body.dataset.since) localStorage.removeItem(LOCKED);
  return localStorage.getItem(LOCKED) !== null;
}

/* What the server says to a PIN; null where it cannot be reached. */
async function unlock(name, pin) {
  const asked = Date.now();
  try {
    const answer = await fetch("/tablet/unlock", {
      method: "POST", cache: "no-store", headers: { "Content-Type": "application/json" }, signal: AbortSignal.timeout(6000),
      body: JSON.stringify({ device: vault.device(), name, pin }),
    });
    const told = await answer.json();
    return answer.ok ? { ok: true, told, asked } : { ok: false, ...told.error };
  } catch { return null; }
}

/* Try to open; answers {open, online, told} or {words}. */
async function open({ id, name }, pin) {
  const answer = await unlock(name, pin);
  if (answer?.ok) {
    const { told, asked } = answer;
    const opened = (await vault.openByServer(told, asked)) || ((await vault.openByPin(told.person.id, pin)) === "open" && (await vault.adopt(told, asked)));
    if (opened) await vault.learnPin(pin);
    return opened ? { open: true, online: true, told: answer.told } : { words: "What waits here was made under another key. Sign in with your password." };
  }
  if (answer) return { words: `${answer.what}. ${answer.mend || ""}` };
  const found = await vault.openByPin(id, pin);
  if (found === "open") return { open: true, online: false };
  return { words: found === "wrong" ? "That PIN is not right." : "This tablet opens again only with the network: sign in there." };
}

function form(people, chosen, title, text) {
  const who = people.length > 1
    ? h("fieldset", { class: "field" }, h("legend", {}, "Who"), h("div", { class: "opts opts--words" }, people.map((p) => h("label", {}, h("input", { type: "radio", name: "who", value: p.id, checked: p.id === chosen }), h("span", {}, p.name)))))
    : h("input", { type: "hidden", name: "who", value: people[0]?.id || "" });
  return h("form", { class: "dlg pin", method: "dialog", "data-again": true },
    h("h2", {}, title), h("p", { class: "soft" }, text),
    people.length === 1 ? h("p", {}, h("b", {}, people[0].name)) : null, who,
    h("div", { class: "field" }, h("label", { for: "tablet-pin" }, "PIN"),
      h("input", { id: "tablet-pin", name: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, required: true, "data-nodraft": true, autofocus: true })),
    h("p", { class: "error", role: "alert" }),
    h("div", { class: "acts" }, h("button", { class: "btn btn--go btn--big grow", type: "submit" }, "Open"), h("a", { class: "btn btn--big", href: `/accounts/login/?next=${encodeURIComponent(location.pathname)}` }, "Sign in instead")));
}

/* Cover the page until a PIN opens it. */
export async function cover({ person = "", title = "Locked", text = "Your PIN opens it at the same place." } = {}) {
  const known = await vault.people();
  const name = vault.me?.id === person ? vault.me.name : document.querySelector("[data-user-name]")?.dataset.userName || "You";
  const people = !person || known.some((p) => p.id === person) ? known : [{ id: person, name }, ...known];
  const dialog = h("dialog", { id: "locked", class: "lock", "aria-label": title }, form(people, person || people[0]?.id, title, text));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => { if (dialog.isConnected) dialog.showModal(); });
  for (const other of document.querySelectorAll("dialog[open]")) if (other.id !== "locked") other.dataset.wasOpen = "yes";
  document.body.append(dialog);
  document.body.classList.add("is-locked");
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const data = new FormData(event.target), button = event.target.querySelector("[type=submit]");
      button.disabled = true;
      const answer = await open(people.find((p) => p.id === data.get("who")) || people[0], String(data.get("pin") || "")).catch((error) => ({ words: String(error) }));
      button.disabled = false;
      if (!answer.open) {
        dialog.querySelector(".error").textContent = answer.words;
        dialog.querySelector("#tablet-pin").value = "";
        dialog.querySelector("#tablet-pin").focus();
        return;
      }
      localStorage.removeItem(LOCKED);
      delete document.body.dataset.since; // a PIN may have made another sign-in than the page tells
      document.body.classList.remove("is-locked");
      dialog.remove();
      done(answer);
    }, true);
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
  if (code) await fetch("/tablet/lock", { method: "POST", keepalive: true, redirect: "manual", headers: { "X-CSRFToken": code } }).catch(() => {});
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
