/* What the tablet keeps is sealed with one key (AES-GCM). The key is nowhere in the clear: it lies wrapped by the PIN
   of each person who works here, and by a share that the server gives to whoever is signed in. Locked: it is dropped. */
import * as store from "./store.js";
import { compare, now } from "./clock.js";

const ROUNDS = 600_000; // PBKDF2-SHA-256
const TRIES = 5; // wrong PINs without the network; after that only the server opens it again
const bytes = (text) => new TextEncoder().encode(text);
const OPENED = "lowtide-opened-offline"; // who opened it by PIN without the network, and when
let key = null;
let own = null; // of who works here now: it opens what nobody else may read
let ownWrapper = null;
export let me = null; // {id, name, may_chart, topics, token, expires_at, has_pin, lock_after_s}

export const isOpen = () => Boolean(key && me);
/* What who works here now may do, as the server told with their token; it looks again when an entry arrives. */
export const rights = () => ({ may_chart: me?.may_chart ?? true, topics: me?.topics ?? [] });
export const supported = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

export function device() {
  let id = localStorage.getItem("lowtide-device");
  if (!id) localStorage.setItem("lowtide-device", (id = crypto.randomUUID()));
  return id;
}

/* ---------- sealing ---------- */
async function sealed(by, plain) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, by, plain) };
}
const unsealed = (by, { iv, data }) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, by, data);
export const seal = (value) => sealed(key, bytes(JSON.stringify(value)));
export async function unseal(box) {
  return JSON.parse(new TextDecoder().decode(await unsealed(key, box)));
}
export const keep = async (name, value) => store.put("sealed", name, await seal(value));
export async function kept(name) {
  const box = await store.get("sealed", name);
  return box ? unseal(box).catch(() => null) : null;
}

/* For its author's eyes only, on this tablet, too. */
export const keepsSecrets = () => Boolean(own);
export const sealOwn = (value) => sealed(own, bytes(JSON.stringify(value)));
export async function unsealOwn(box) {
  if (!own) return null;
  return unsealed(own, box).then((plain) => JSON.parse(new TextDecoder().decode(plain))).catch(() => null);
}

/* ---------- wrapping the key ---------- */
const aes = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", true, ["encrypt", "decrypt"]);
const byShare = async (share) => aes(await crypto.subtle.digest("SHA-256", bytes(share)));
async function byPin(pin, salt) {
  const base = await crypto.subtle.importKey("raw", bytes(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
const raw = (which = key) => crypto.subtle.exportKey("raw", which);
const fresh = () => aes(crypto.getRandomValues(new Uint8Array(32)));

/* Whether somebody else opened the tablet without the network since this sign-in began: then whoever is at it now is
   not who the server takes them for. */
export function handedOver({ person, signed_in_at }) {
  const { by, at } = JSON.parse(localStorage.getItem(OPENED) || "{}");
  return Boolean(by && by !== person.id && Date.parse(signed_in_at) < at);
}

/* Who opened it last without the network. */
export const last = () => JSON.parse(localStorage.getItem(OPENED) || "{}").by;

/* Open with what the server answered to a sign-in or a PIN. A key that this share does not open stays sealed; where
   nothing waits under it, a new one takes its place. */
export async function openByServer(answer, asked) {
  compare(answer.server_now, asked);
  if (handedOver(answer)) return false;
  localStorage.removeItem(OPENED);
  const wrapped = await store.get("meta", "share"), wrapper = await byShare(answer.share);
  const found = wrapped && (await unsealed(wrapper, wrapped).catch(() => null));
  if (!found && (await store.keys("queue")).length) return false;
  if (found) key = await aes(found);
  else await startAnew(wrapper);
  const { token, expires_at, has_pin, lock_after_s } = answer;
  me = { ...answer.person, token, expires_at, has_pin, lock_after_s };
  await keep(`token ${me.id}`, me);
  await openOwn(answer.own_share);
  await remember();
  return true;
}
/* The share is another one than what waits here was wrapped by (a server set back, long ago): a PIN has opened it, and from
   now on the new share does, too. */
export async function adopt(answer, asked) {
  await store.put("meta", "share", await sealed(await byShare(answer.share), await raw()));
  return openByServer(answer, asked);
}
/* The key of one's own. One that the server's share does not open is left for the PIN. */
async function openOwn(share) {
  ownWrapper = await byShare(share);
  const box = (await store.get("meta", "own"))?.[me.id];
  const found = box && (await unsealed(ownWrapper, box).catch(() => null));
  own = found ? await aes(found) : box ? null : await fresh();
  if (own && !box) await putOwn();
}
const putOwn = async () => store.put("meta", "own", { ...(await store.get("meta", "own")), [me.id]: await sealed(ownWrapper, await raw(own)) });
async function startAnew(wrapper) {
  await store.clear("sealed");
  await store.put("meta", "pins", {});
  await store.put("meta", "own", {});
  key = await fresh();
  await store.put("meta", "share", await sealed(wrapper, await raw()));
}

/* The people whose PIN opens this tablet without the network: [{id, name}]. */
export async function people() {
  return Object.entries((await store.get("meta", "pins")) || {}).map(([id, { name }]) => ({ id, name }));
}
export const knowsPin = async () => Boolean(me && (await store.get("meta", "pins"))?.[me.id]);

/* Let this PIN open the tablet for the person who works here now. */
export async function learnPin(pin) {
  const pins = (await store.get("meta", "pins")) || {}, before = pins[me.id];
  if (!own) {
    own = (before && (await ownByPin(await byPin(pin, before.salt), before))) || (await fresh());
    if (ownWrapper) await putOwn();
  }
  const salt = crypto.getRandomValues(new Uint8Array(16)), by = await byPin(pin, salt);
  const one = { name: me.name, salt, box: await sealed(by, await raw()), own: await sealed(by, await raw(own)), wrong: 0 };
  await store.put("meta", "pins", { ...pins, [me.id]: one });
  await remember();
}
async function ownByPin(by, one) {
  const found = one.own && (await unsealed(by, one.own).catch(() => null));
  return found ? aes(found) : null;
}

/* Open by PIN alone. Answers "open", "wrong", "unknown" (no PIN of theirs was learnt here) or "closed": after some wrong ones
   only the server opens it again. */
export async function openByPin(id, pin) {
  const pins = (await store.get("meta", "pins")) || {}, one = pins[id];
  if (!one) return "unknown";
  if (one.wrong >= TRIES) return "closed";
  await store.put("meta", "pins", { ...pins, [id]: { ...one, wrong: one.wrong + 1 } });
  const by = await byPin(pin, one.salt), found = await unsealed(by, one.box).catch(() => null);
  if (!found) return one.wrong + 1 >= TRIES ? "closed" : "wrong";
  key = await aes(found);
  me = await kept(`token ${id}`);
  if (!me) { key = null; return "closed"; }
  own = await ownByPin(by, one);
  await store.put("meta", "pins", { ...pins, [id]: { ...one, wrong: 0 } });
  localStorage.setItem(OPENED, JSON.stringify({ by: id, at: now() }));
  await remember();
  return "open";
}

/* ---------- from page to page: the worker holds the key while the tablet is in use, and forgets it by itself ---------- */
function worker(message) {
  const there = navigator.serviceWorker?.controller;
  if (!there) return Promise.resolve(null);
  return new Promise((done) => {
    const line = new MessageChannel();
    line.port1.onmessage = ({ data }) => done(data);
    setTimeout(() => done(null), 400);
    there.postMessage(message, [line.port2]);
  });
}
const remember = () => worker({ remember: { key, own, me } });

/* Open with what an earlier page of this person left with the worker. */
export async function openByWorker(person) {
  const found = await worker({ recall: true });
  if (!found?.key || !found.own || found.me?.id !== person || Date.parse(found.me.expires_at) - Date.now() < 3_600_000) return false;
  ({ key, own, me } = found);
  return true;
}

export async function lock() {
  key = own = ownWrapper = me = null;
  await worker({ forget: true });
}

/* Everything about patients goes; what was not sent yet stays, sealed. */
export async function wipe() {
  await store.clear("sealed");
  if (me && key && (await store.keys("queue")).length) await keep(`token ${me.id}`, me);
  await lock();
}
