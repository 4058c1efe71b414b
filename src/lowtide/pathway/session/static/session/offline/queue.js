/* The queue: what was charted here and is not acknowledged yet. Sealed, numbered, sent in order, each exactly once:
   the server knows an entry by its id, so that sending it again changes nothing. */
import * as store from "./store.js";
import * as vault from "./vault.js";
import { compare, now, offset } from "./clock.js";

const AT_ONCE = 50;
// these build on one another: the later one waits while an earlier one is in trouble
const GIVING = ["start", "rate", "resume", "pause", "stop", "container", "give", "end_dosing"];
const NEW_KEY = ["expired", "revoked", "unknown"];
let sending = null;

const changed = () => document.dispatchEvent(new CustomEvent("lowtide:queue"));

/* Every waiting entry in the order in which it was made. */
export async function list() {
  if (!vault.isOpen()) return [];
  const found = await Promise.all((await store.all("queue")).map((box) => opened(box).catch(() => null)));
  return found.filter(Boolean).sort((a, b) => a.counter - b.counter);
}
export const size = async () => (await store.keys("queue")).length;

/* What is for few is sealed once more, under a key of its author: whoever else is here neither reads nor sends it. */
async function save({ closed, ...entry }) {
  if (closed) return;
  const { body, words, ...rest } = entry;
  const box = entry.narrow ? { ...(await vault.seal(rest)), secret: await vault.sealOwn({ body, words }) } : await vault.seal(entry);
  await store.put("queue", entry.id, box);
}
async function opened(box) {
  const entry = await vault.unseal(box);
  if (!entry.narrow) return entry;
  const said = entry.by === vault.me?.id ? await vault.unsealOwn(box.secret) : null;
  return { ...entry, ...(said || { body: {}, words: [], closed: true }) };
}

/* Keep an entry: {kind, body, patient, session, words} and, where the form had them, its id and the time typed. */
export async function add({ id, kind, body, patient, session, taken, words, narrow }) {
  const earlier = await list();
  const needs = GIVING.includes(kind)
    ? earlier.filter((e) => e.session === session && GIVING.includes(e.kind)).at(-1)?.id
    : earlier.find((e) => [body.about, body.run, body.rescue].includes(e.id))?.id;
  const entry = {
    id: id || crypto.randomUUID(),
    kind, body, patient, session, words,
    narrow: Boolean(narrow),
    taken: taken || null,
    needs: needs || null,
    token: vault.me.token,
    by: vault.me.id,
    name: vault.me.name,
    at_device: new Date().toISOString(),
    at: new Date(now()).toISOString(),
    offset_ms: offset(),
    counter: await store.count(),
    state: "waiting",
    problems: [],
  };
  // pressed twice: the first one stands
  if (earlier.some((e) => e.id === entry.id)) return earlier.find((e) => e.id === entry.id);
  await save(entry);
  changed();
  return entry;
}

/* Throw one away; answers whether it was here still. What is on its way is waited for: it may have arrived. */
export async function discard(id) {
  const drop = async () => {
    const here = (await store.keys("queue")).includes(id);
    await store.drop("queue", id);
    return here;
  };
  const here = navigator.locks ? await navigator.locks.request("lowtide-send", drop) : await drop();
  changed();
  return here;
}
/* Whether who is here now may take an entry back: their own, not sent yet, and nothing that waits builds on it. */
export const mayTakeBack = (entry, entries) => entry.by === vault.me?.id && !entry.closed && !entries.some((e) => e.needs === entry.id);
/* Send one again that was refused: what stood in its way was put right. */
export async function again(id) {
  const entry = (await list()).find((e) => e.id === id);
  if (entry) await save({ ...entry, state: "waiting", problems: [] });
  changed();
  return send();
}

/* The next portion: in order, without what waits for one in trouble, and with nothing that builds on another of it. */
function portion(entries) {
  const trouble = new Set(entries.filter((e) => e.state !== "waiting").map((e) => e.id)), taken = [];
  const here = new Set();
  for (const entry of entries) {
    if (entry.state !== "waiting" || entry.closed) continue;
    if (entry.needs && trouble.has(entry.needs)) { trouble.add(entry.id); continue; }
    if (taken.length === AT_ONCE || here.has(entry.needs)) break;
    taken.push(entry);
    here.add(entry.id);
  }
  return taken;
}

const wire = ({ id, token, patient, session, kind, body, at_device, counter, offset_ms, taken }) =>
  ({ id, token, patient, session, kind, body, at_device, counter, offset_ms, taken });

async function post(entries) {
  const asked = Date.now();
  const answer = await fetch("/tablet/entries", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Lowtide-Background": "1" },
    cache: "no-store",
    signal: AbortSignal.timeout(20_000),
    body: JSON.stringify({
      device: vault.device(), sent_at_device: new Date(asked).toISOString(), entries: entries.map(wire),
    }),
  });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const told = await answer.json();
  compare(told.server_now, asked);
  return told.entries;
}

/* Write down what became of an entry; answers whether it is settled or has to be sent once more. */
async function settle(entry, answer) {
  if (answer?.state === "stored") return store.drop("queue", entry.id);
  if (!answer || answer.state === "unread") throw new Error("the server could not look at it");
  if (NEW_KEY.includes(answer.why) && entry.by === vault.me?.id && entry.token !== vault.me.token) {
    return save({ ...entry, token: vault.me.token }); // the same person has unlocked again: under the new key
  }
  const { state, why = "", problems = [], stored = "", stored_by = "" } = answer;
  return save({ ...entry, state, why, problems, stored, stored_by });
}

async function sendAll() {
  for (let turn = 0; turn < 200 && vault.isOpen(); turn += 1) {
    const entries = portion(await list());
    if (!entries.length) return true;
    const answers = await post(entries);
    for (const [n, entry] of entries.entries()) await settle(entry, answers[n]);
    changed();
  }
  return true;
}

/* Send what waits. Answers whether the server was there; one page sends at a time. */
export function send() {
  sending ??= (async () => {
    try {
      return navigator.locks ? await navigator.locks.request("lowtide-send", sendAll) : await sendAll();
    } catch { return false; } finally { sending = null; changed(); }
  })();
  return sending;
}

/* When the same person unlocks again, what was refused for its key is sent under the new one. */
export async function renew() {
  for (const entry of await list()) {
    if (entry.by === vault.me.id && !entry.closed && NEW_KEY.includes(entry.why) && entry.state === "refused") {
      await save({ ...entry, token: vault.me.token, state: "waiting", why: "", problems: [] });
    }
  }
}
