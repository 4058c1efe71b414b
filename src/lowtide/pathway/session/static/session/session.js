/* The chair, live: parts of the page are fetched again when somebody charted something, and the keypad opens over
   the page. The page works without this script; a form is never touched while somebody types in it. */
(() => {
  "use strict";

  const body = document.body;
  const live = body.dataset.live || (body.dataset.reload !== undefined ? location.href : "");
  let streams = body.dataset.streams || body.dataset.reload || "", line = null;
  const EVERY = 30_000; // what only the clock changes, and a net below the live line
  let waiting = false, due = false;

  // asks whether the server can be reached: goes on if so, else the page says that it cannot
  const doubt = (go) => document.dispatchEvent(new CustomEvent("lowtide:doubt", { detail: go }));

  /* ---------- live parts ---------- */
  const keep = (part) => {
    const active = document.activeElement;
    return part.contains(active) && active.matches("input, textarea, select") && active.value !== "";
  };
  const same = (link) => link && `[href="${CSS.escape(link.getAttribute("href") || "")}"]`;

  // a form's token is another each time: it alone is no change, and a button under a finger stays where it is
  const bare = (part) => part.innerHTML.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1");

  function put(old, fresh) {
    if (keep(old) || bare(old) === bare(fresh)) return;
    if (old.matches(":active")) { setTimeout(refresh, 300); return; } // pressed: swapped before it is let go, the click would be lost
    const focused = old.contains(document.activeElement) ? same(document.activeElement) : null;
    const open = [...old.querySelectorAll("details[open]")].map((each) => each.dataset.persist);
    old.innerHTML = fresh.innerHTML;
    for (const name of open) if (name) old.querySelector(`details[data-persist="${CSS.escape(name)}"]`)?.setAttribute("open", "");
    if (focused) old.querySelector(focused)?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true, detail: {} }));
  }
  async function refresh() {
    if (!live) return;
    if (waiting) { due = true; return; }
    waiting = true;
    try {
      const url = new URL(live, location.href);
      if (live !== location.href) url.search = location.search;
      const plan = document.querySelector("[data-plan-name]")?.dataset.planName;
      if (plan) url.searchParams.set("plan", plan); // large, and seldom another: it is not sent again
      const answer = await fetch(url, { headers: { "X-Lowtide-Background": "1" }, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(10_000) });
      if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { doubt(); }
    waiting = false;
    if (due) { due = false; refresh(); }
  }
  function show(page) {
    const wanted = page.querySelector("[data-listen]")?.dataset.listen;
    if (wanted && wanted !== streams) { streams = wanted; listen(); } // somebody sits down who was not there before
    for (const fresh of page.querySelectorAll("[data-part]")) {
      const old = document.querySelector(`[data-part="${fresh.dataset.part}"]`);
      if (old) put(old, fresh);
    }
  }
  function hear(event) { // what the devices on this person say now; it comes along by itself
    const corner = document.querySelector(`[data-said="${CSS.escape(event.type)}"]`);
    if (corner) corner.innerHTML = event.data;
  }
  function listen() {
    if (!streams || !("EventSource" in window)) return;
    const names = streams.split(",");
    line?.close();
    line = new EventSource(`/live?${names.map((name) => `streams=${encodeURIComponent(name)}`).join("&")}`);
    for (const name of names) line.addEventListener(name, name.startsWith("devices:") ? hear : refresh); // named after what grew
    line.onopen = refresh;
    line.onerror = () => doubt();
  }
  if (live) {
    listen();
    addEventListener("pagehide", () => line?.close());
    setInterval(() => { if (!document.hidden) refresh(); }, EVERY);
    document.addEventListener("lowtide:refresh", refresh); // the chair’s own clock knows more than the page shows
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  }

  /* ---------- the keypad, over the page ---------- */
  const dialog = document.getElementById("keypad");

  async function openPad(link) {
    try {
      const answer = await fetch(link.href, { headers: { "X-Lowtide-Dialog": "1" }, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(6000) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const form = answer.ok && page.querySelector("form.kp");
      if (!form) { location.href = link.href; return; }
      dialog.replaceChildren(document.importNode(form, true));
      dialog.showModal();
      dialog.querySelector("[autofocus], input:not([type=hidden])")?.focus();
    } catch { doubt(() => { location.href = link.href; }); }
  }
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest?.("a[data-keypad]");
    if (link && dialog) { event.preventDefault(); openPad(link); return; }
    if (dialog?.open && (event.target === dialog || event.target.closest("[data-close]"))) {
      event.preventDefault();
      dialog.close();
    }
  });
})();
