/* What a page does beyond plain HTML: ages and clocks that keep time, keys, one submit at a time,
   drafts that survive a lost page, and saying so when the network is gone.
   Every page works without it; nothing here decides anything about care. */
(() => {
  "use strict";

  const root = document.documentElement;
  const body = document.body;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (name, act, where = document) => where.addEventListener(name, act);

  root.classList.add("js");

  /* ---------- storage that may be switched off ---------- */
  const kept = (area) => ({
    get(key) { try { return JSON.parse(area().getItem(key)); } catch { return null; } },
    set(key, value) { try { area().setItem(key, JSON.stringify(value)); } catch { /* private window: do without */ } },
    drop(key) { try { area().removeItem(key); } catch { /* as above */ } },
    keys(prefix) { try { return Object.keys(area()).filter((key) => key.startsWith(prefix)); } catch { return []; } },
  });
  const device = kept(() => localStorage);
  const tab = kept(() => sessionStorage);

  /* ---------- say it to those who do not see it ---------- */
  function announce(words, urgent = false) {
    const region = $(urgent ? "#said-now" : "#said-soon");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = words; }, 60);
  }

  /* ---------- a touch on any page keeps the tablet open (session/offline/lock.js) ---------- */
  const touched = () => { try { localStorage.setItem("lowtide-touched", String(Date.now())); } catch { /* kept nowhere */ } };
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, touched, { capture: true, passive: true });

  /* ---------- the server's clock, not the tablet's ---------- */
  const offset = Date.parse(body.dataset.serverNow || "") - Date.now() || 0;
  const now = () => Date.now() + offset;
  const clockTime = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  const MINUTE = 60, HOUR = 3600, DAY = 86400;

  function span(seconds) {
    if (seconds < 90 * MINUTE) return `${Math.floor(seconds / MINUTE)} min`;
    if (seconds < 48 * HOUR) return `${Math.floor(seconds / HOUR)} h`;
    return `${Math.floor(seconds / DAY)} days`;
  }
  function age(seconds, ending) {
    return seconds < MINUTE ? "just now" : `${span(seconds)} ${ending}`;
  }
  function dueText(seconds) {
    if (seconds <= -MINUTE) return `late ${span(-seconds)}`;
    if (seconds < MINUTE) return "due now";
    return `in ${span(seconds)}`;
  }
  function elapsed(seconds) {
    const two = (n) => String(n).padStart(2, "0");
    const h = Math.floor(seconds / HOUR), m = Math.floor(seconds / MINUTE) % 60, s = seconds % 60;
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  }
  const secondsSince = (iso) => Math.floor((now() - Date.parse(iso)) / 1000);
  const write = (element, words) => { if (element.textContent !== words) element.textContent = words; };

  function tellAges() {
    for (const element of $$("[data-at]")) {
      const seconds = secondsSince(element.dataset.at);
      if (Number.isNaN(seconds)) continue;
      write(element, age(Math.max(seconds, 0), element.dataset.ago === undefined ? "old" : "ago"));
      const limit = Number(element.dataset.oldAfter);
      if (limit) element.classList.toggle("is-old", seconds > limit);
    }
  }
  function tellDue() {
    for (const element of $$("[data-due-at]")) {
      const seconds = -secondsSince(element.dataset.dueAt);
      if (Number.isNaN(seconds)) continue;
      write(element, dueText(seconds));
      turnLate(element, seconds <= -MINUTE);
    }
  }
  function turnLate(element, late) {
    const was = element.dataset.late;
    element.dataset.late = late ? "yes" : "no";
    const row = element.closest(".due");
    if (row) {
      row.classList.toggle("due--late", late);
      const icon = $(".i", row);
      if (icon) { icon.classList.toggle("i--late", late); icon.classList.toggle("i--clock", !late); }
    }
    if (late && was === "no") announce(`${element.dataset.what || "An item"} is late`);
  }
  function tellElapsed() {
    for (const element of $$("[data-since]")) {
      const seconds = secondsSince(element.dataset.since);
      if (seconds >= 0) write(element, elapsed(seconds));
    }
  }
  const tellTime = () => { tellAges(); tellDue(); };
  setInterval(tellTime, 30_000);
  setInterval(tellElapsed, 1000);

  /* ---------- keys ---------- */
  const keysOn = () => device.get("keys") !== false;
  const typing = (target) => target.isContentEditable || target.matches?.("input, select, textarea") ;
  let goPressed = 0;

  function follow(link) { if (link) link.click(); }
  function step(by) {
    const stops = $$(".path a");
    const here = stops.findIndex((stop) => stop.hasAttribute("aria-current"));
    if (here >= 0) follow(stops[here + by]);
  }
  function helpDialog() {
    const dialog = $("#keys");
    if (dialog && !dialog.open) dialog.showModal();
  }
  const singleKeys = {
    "/": () => $("#find")?.focus(),
    "?": helpDialog,
    "[": () => step(-1),
    "]": () => step(1),
    n: () => $(".next .btn--go, .do .btn--go")?.focus(),
    g: () => { goPressed = Date.now(); },
  };
  function goTo(letter) {
    goPressed = 0;
    follow($(`[data-go="${CSS.escape(letter)}"]`));
  }
  function escape() {
    const menu = $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); } else if (typing(document.activeElement)) document.activeElement.blur();
  }
  on("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") return escape();
    if (typing(event.target) || !keysOn() || $("dialog[open]")) return;
    if (Date.now() - goPressed < 1500) { event.preventDefault(); return goTo(event.key); }
    const act = Object.hasOwn(singleKeys, event.key) && singleKeys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  on("click", (event) => {
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  const keysSwitch = $("#keys-on");
  if (keysSwitch) {
    keysSwitch.checked = keysOn();
    on("change", () => device.set("keys", keysSwitch.checked), keysSwitch);
  }

  /* ---------- one submit at a time ---------- */
  const busy = new Map(), reached = new Set();

  function begin(form, button) {
    if (busy.has(form)) return;
    busy.set(form, button || null);
    if (!button) return;
    button.setAttribute("aria-busy", "true");
    // disabled only after the browser has read the button's own name and value
    setTimeout(() => { if (busy.get(form) === button) button.disabled = true; });
  }
  function end(form) {
    const button = busy.get(form);
    busy.delete(form);
    if (button) { button.disabled = false; button.removeAttribute("aria-busy"); }
  }
  document.addEventListener("submit", (event) => {
    if (busy.has(event.target)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  on("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.target === "_blank" || form.dataset.again !== undefined) return;
    if (event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-delete]")) return;
    if (form.method === "post" && (lostAt || !navigator.onLine) && !reached.has(form)) {
      event.preventDefault();
      doubt(() => { reached.add(form); form.requestSubmit(event.submitter); reached.delete(form); });
      return;
    }
    begin(form, event.submitter);
    if (form.method === "post") markDraftSent(form);
  });
  on("click", (event) => {
    const waiting = event.target.closest?.("[aria-disabled='true']");
    if (waiting) { event.preventDefault(); announce(waiting.dataset.left || "This is not ready yet"); }
  });
  on("htmx:finally:request", (event) => {
    const form = event.target.closest?.("form");
    if (form) end(form);
  });
  on("pageshow", (event) => { if (event.persisted) [...busy.keys()].forEach(end); tellTime(); }, window);

  /* ---------- drafts: what was typed outlives a lost page ----------
     A form with data-draft="name" is kept in this tab, for this person and this address. It is dropped
     when the next page of the product arrives, unless that page says that nothing was saved. */
  const DRAFT_LIFE = 12 * HOUR * 1000;
  const draftKey = (form) => `draft:${body.dataset.user || ""}:${location.pathname}:${form.dataset.draft}`;
  const draftable = (field) => field.name && !field.disabled && !field.readOnly
    && !["hidden", "password", "file", "submit", "button"].includes(field.type) && field.dataset.nodraft === undefined;
  const draftFields = (form) => [...form.elements].filter(draftable);
  const isTick = (field) => field.type === "checkbox" || field.type === "radio";
  const fieldKey = (field) => isTick(field) ? `${field.name}=${field.value}` : field.name;
  const fieldValue = (field) => isTick(field) ? field.checked
    : field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value;
  function setField(field, value) {
    if (isTick(field)) field.checked = value;
    else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
  }
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  function keepDraft(form) {
    const values = Object.fromEntries(draftFields(form).map((field) => [fieldKey(field), fieldValue(field)]));
    tab.set(draftKey(form), { at: Date.now(), values });
  }
  function markDraftSent(form) {
    if (form.dataset.draft === undefined) return;
    keepDraft(form);
    const key = draftKey(form);
    tab.set(key, { ...tab.get(key), sent: true });
  }
  function settleDrafts() {
    const failed = body.dataset.failed !== undefined;
    const came = performance.getEntriesByType("navigation")[0]?.type;
    for (const key of tab.keys("draft:")) {
      const draft = tab.get(key);
      if (!draft || Date.now() - draft.at > DRAFT_LIFE) tab.drop(key);
      else if (draft.sent && failed) tab.set(key, { ...draft, sent: false });
      else if (draft.sent && came === "navigate") tab.drop(key);
    }
  }
  function restoreDraft(form) {
    const draft = tab.get(draftKey(form));
    if (!draft) return;
    const before = new Map();
    for (const field of draftFields(form)) {
      const value = draft.values[fieldKey(field)];
      if (value === undefined || same(value, fieldValue(field))) continue;
      before.set(field, fieldValue(field));
      setField(field, value);
    }
    if (before.size) sayRestored(form, draft, before);
  }
  function sayRestored(form, draft, before) {
    const note = document.createElement("div");
    note.className = "restored";
    const words = document.createElement("p");
    words.className = "grow";
    words.textContent = `Restored what you had typed at ${clockTime(draft.at + offset)}. It has not been saved.`;
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "btn";
    undo.textContent = "Discard it";
    on("click", () => {
      for (const [field, value] of before) setField(field, value);
      tab.drop(draftKey(form));
      note.remove();
      announce("What you had typed was discarded");
    }, undo);
    note.append(words, undo);
    form.prepend(note);
    announce(words.textContent);
  }
  for (const name of ["input", "change"]) {
    on(name, (event) => {
      const form = event.target.form;
      if (form?.dataset.draft !== undefined) keepDraft(form);
    });
  }
  on("htmx:after:request", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (form && event.detail.ctx?.response?.status < 400) tab.drop(draftKey(form));
  });
  on("lowtide:saved", (event) => tab.drop(draftKey(event.detail)));
  on("submit", (event) => {
    if (!event.target.matches("[data-forget-drafts]")) return;
    tab.keys("draft:").forEach(tab.drop);
    navigator.serviceWorker?.controller?.postMessage({ wipe: true });
  });

  /* ---------- what a tablet at the chair kept without a network is sent from any page ---------- */
  const waiting = Number(device.get("lowtide-waiting") || 0);
  const handedOver = device.get("lowtide-opened-offline");
  if ((waiting || handedOver) && body.dataset.user && body.dataset.elsewhere) import(body.dataset.elsewhere);

  /* ---------- the network ---------- */
  let lostAt = null, probe = null;

  function lost() {
    if (lostAt) return;
    lostAt = now();
    const banner = $("#offline");
    const words = `No network since ${clockTime(lostAt)}.`;
    if (banner) { $("b", banner).textContent = words; banner.hidden = false; }
    const kept = body.dataset.tablet === "ready"; // session/offline keeps what is recorded
    announce(`${words} ${kept ? "Keep going: all is kept on this tablet and sent once." : "What you type stays on this page. Nothing is saved until the network is back."}`, true);
    document.dispatchEvent(new CustomEvent("lowtide:lost"));
    if (body.dataset.ping) probe = setInterval(ask, 5_000);
  }
  function found() {
    if (!lostAt) return;
    lostAt = null;
    clearInterval(probe);
    const banner = $("#offline");
    if (banner) banner.hidden = true;
    announce("The network is back.");
    document.dispatchEvent(new CustomEvent("lowtide:found"));
  }
  function ask() {
    head().then(found, () => {});
  }
  function head() {
    return fetch(body.dataset.ping || "/alive", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(6000) })
      .then((answer) => { if (!answer.ok) throw new TypeError("nobody answers"); });
  }
  function doubt(go) {
    head().then(() => { found(); go?.(); }, () => {
      lost();
      if (go && body.dataset.tablet !== "ready") toast("No network: nothing was sent. What you typed is still here; press again when the network is back.");
    });
  }
  on("lowtide:doubt", (event) => doubt(event.detail));
  on("offline", lost, window);
  on("online", () => (body.dataset.ping ? ask() : found()), window);
  on("htmx:error", (event) => { if (event.detail?.error instanceof TypeError) lost(); });
  on("htmx:after:request", found);
  on("htmx:response:error", (event) => {
    const status = event.detail.ctx.response.status;
    if (status !== 409 && status !== 422) toast(`Nothing was saved: the server answered ${status}. What you typed is still here.`);
  });
  if (!navigator.onLine) lost();

  /* ---------- small things ---------- */
  function toast(words) {
    const said = $(".said");
    if (!said) return;
    const item = document.createElement("p");
    item.className = "toast toast--stop";
    item.textContent = words;
    said.append(item);
    announce(words, true);
  }
  on("allauth.error", (event) => {
    event.preventDefault();
    toast("The key or passkey did not answer. Try again, or use another way.");
  });
  on("click", (event) => {
    const target = event.target.closest?.("[data-print], [data-dismiss], [data-dialog], [data-press], [data-fill]");
    if (!target) return;
    if (target.dataset.print !== undefined) window.print();
    if (target.dataset.dismiss !== undefined) target.closest(".toast, .banner, dialog")?.remove();
    if (target.dataset.dialog) document.getElementById(target.dataset.dialog)?.showModal();
    if (target.dataset.press) press(target);
    if (target.dataset.fill) fill(document.getElementById(target.dataset.fill), target.dataset.with);
  });

  /* what is known is offered beside a field, and stands in it only after a tap */
  function fill(field, value) {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  /* keypad: digits go where the caret is; "next" walks on and submits at the end */
  let lastEntry = null;
  on("focusin", (event) => { if (event.target.matches(".entry input")) lastEntry = event.target; });
  function press(key) {
    const fields = $$(".entry input", key.closest("form"));
    const field = fields.includes(lastEntry) ? lastEntry : fields[0];
    if (!field) return;
    if (key.dataset.press === "next") return nextEntry(fields, field, key.form);
    field.value = key.dataset.press === "back" ? field.value.slice(0, -1) : field.value + key.dataset.press;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    lastEntry = field;
  }
  function nextEntry(fields, field, form) {
    const next = fields.slice(fields.indexOf(field) + 1).find((each) => !each.value);
    if (next) { next.focus(); lastEntry = next; } else form.requestSubmit($("[type=submit]", form));
  }

  function wireDetails(within) {
    for (const details of $$("details[data-persist]", within)) {
      const key = `open:${details.dataset.persist}`;
      const was = device.get(key);
      if (was !== null) details.open = was;
      on("toggle", () => device.set(key, details.open), details);
    }
  }
  on("htmx:after:swap", (event) => { wireDetails(event.target); tellTime(); });

  settleDrafts();
  $$("form[data-draft]").forEach((form) => ($(".field--error", form) ? keepDraft(form) : restoreDraft(form)));
  wireDetails(document);
  tellTime();
  tellElapsed();
  const said = $$(".said .toast").map((item) => item.textContent.trim().replace(/\s+/g, " ")).join(". ");
  if (said) announce(said);
  setTimeout(() => $$(".said .toast:not(.toast--stop)").forEach((item) => item.remove()), 10_000);
})();
