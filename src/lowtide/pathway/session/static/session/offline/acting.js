/* Pressing a link or sending a form at the chair while there is no network: forms open here, entries are kept here. */
import { announce } from "./dom.js";
import { lookAgain, pad, tell } from "./pads.js";
import * as queue from "./queue.js";
import { fromForm, mayWait, place, problems } from "./said.js";
import { goesOn } from "./trouble.js";
import * as vault from "./vault.js";

const dialog = () => document.getElementById("keypad");

export function openPad(address, state) {
  const where = place(address), made = where && state && pad(where, state, new URL(address, location.href).pathname);
  const box = dialog();
  if (!made || !box) return false;
  box.replaceChildren(made);
  if (!box.open) box.showModal();
  (box.querySelector("[autofocus]") || box.querySelector("input:not([type=hidden]), textarea"))?.focus();
  return true;
}
export function closePad() {
  if (!dialog()?.open) return;
  dialog().close();
  dialog().replaceChildren(); // what was typed is kept elsewhere now
}

export function needsLine() {
  announce("This needs the network.", true);
  const said = document.querySelector(".said");
  if (!said) return;
  const item = document.createElement("p");
  item.className = "toast toast--stop";
  item.textContent = "This needs the network: preparation, witness, hand-over, signatures, leaving and the safe wait for it.";
  said.append(item);
  setTimeout(() => item.remove(), 6000);
}

/* A link pressed without network: its form, or word that it needs the line. Answers whether it was dealt with. */
export function pressed(link, state) {
  if (mayWait(link.href)) return openPad(link.href, state) || (needsLine(), true);
  if (place(link.href)?.page) { needsLine(); return true; }
  return false;
}

/* A checklist stays open from step to step. */
export function goOn(entry, state) {
  const run = goesOn(entry);
  if (run && state) openPad(`${state.url}/emergencies/${run}`, state);
}

/* Keep what a form says; answers the entry, or null where something is wrong with it (said beside the form). */
export async function keep(form, submitter, state) {
  const said = fromForm(form, submitter, state);
  if (!said) return null;
  if (!tell(form, problems(said, state)) || lookAgain(form, said, state)) return null;
  if (said.narrow && !vault.keepsSecrets()) { tell(form, [["", "This one needs the network: the tablet cannot keep it for your eyes only yet."]]); return null; }
  const entry = await queue.add(said);
  document.dispatchEvent(new CustomEvent("lowtide:saved", { detail: form }));
  closePad();
  const told = said.narrow ? said.words.slice(0, 1) : said.words; // the next one to use a screen reader here hears it, too
  announce(`${told.filter(Boolean).join(", ")}: kept, waiting for the network`);
  return entry;
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-close]") && event.target.closest("[data-made-here]")) { event.preventDefault(); closePad(); }
});
