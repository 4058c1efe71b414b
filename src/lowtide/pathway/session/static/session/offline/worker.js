/* The service worker. It keeps static files and one page that says nothing about anybody; never a page of a patient.
   A page that cannot be fetched is answered with that page, which asks for the PIN. FILES and VERSION stand above. */
"use strict";

const SHELL = "/tablet/offline";
const WAITS_MS = 10_000;
let held = null; // the open tablet's key, from page to page; gone with this worker

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(VERSION);
    // without cookies: the page is kept as nobody sees it
    await cache.addAll([...FILES, SHELL].map((file) => new Request(file, { credentials: "omit", cache: "reload" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function page(request) {
  try {
    const late = new Promise((_, failed) => { setTimeout(failed, WAITS_MS); });
    return await Promise.race([fetch(request), late]);
  } catch {
    return (await caches.match(SHELL, { cacheName: VERSION })) || Response.error();
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { cacheName: VERSION, ignoreSearch: true })) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event, here = new URL(request.url);
  if (here.origin !== location.origin || request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (FILES.includes(here.pathname)) event.respondWith(file(request));
});

/* Signed out: everything about patients goes; what was not sent yet stays, sealed. */
async function wiped() {
  const asked = indexedDB.open("lowtide-tablet", 1);
  await new Promise((done) => { asked.onsuccess = done; asked.onerror = done; asked.onupgradeneeded = () => asked.transaction.abort(); });
  if (!asked.result) return;
  if (asked.result.objectStoreNames.contains("sealed")) asked.result.transaction("sealed", "readwrite").objectStore("sealed").clear();
  asked.result.close();
}

self.addEventListener("message", (event) => {
  const { remember, recall, forget, wipe } = event.data || {};
  if (remember) held = remember;
  if (forget || wipe) held = null;
  if (wipe) event.waitUntil(wiped());
  event.ports[0]?.postMessage(recall ? held : true);
});
