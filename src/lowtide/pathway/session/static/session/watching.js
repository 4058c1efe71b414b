/* The chair keeps its own time: what turns late, and a value that crosses, is said here at once, with the line or
   without. It only adds to what the server drew, asks for fresh parts when it knows more, and hides a reminder that an
   entry waiting to be sent has settled. Who keeps such entries tells of them by the event `lowtide:waiting`, whose
   detail is a list of readings (see watch.js). The page works without this script. */
(() => {
  "use strict";

  const EVERY = 5_000, MINUTE = 60_000;
  const place = document.getElementById("watched");
  if (!place || !globalThis.lowtideWatch) return;
  const texts = {}, values = {};
  let ahead = 0, waiting = [], asked = "";

  // the server's clock goes on counting here: a tablet whose clock is wrong keeps the right time
  function read() {
    if (!["plan", "readings", "now"].every(taken)) return null;
    return { plan: values.plan, readings: values.readings, second: values.now.second };
  }
  // whether the page has that part; it is parsed again when it is another
  function taken(name) {
    const script = document.getElementById(`watch-${name}`);
    if (script && script.textContent !== texts[name]) {
      texts[name] = script.textContent;
      values[name] = JSON.parse(texts[name]);
      if (name === "now") ahead = Date.parse(values.now.now) - performance.now();
    }
    return Boolean(script);
  }
  const now = () => ahead + performance.now();
  const key = (crossing) => `${crossing.rule}:${crossing.latest}`;
  const element = (tag, words, kind) => {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.textContent = words;
    return made;
  };

  function card(plan, crossing, at, second) {
    const rule = plan.rules[crossing.rule], grave = ["stop", "emergency"].includes(crossing.level);
    const made = element("section", "", `do do--${grave ? "stop" : crossing.level === "hold" ? "late" : "note"} reminder`);
    const word = crossing.level === "inform" ? "Reminder" : crossing.level[0].toUpperCase() + crossing.level.slice(1);
    const first = element("p", "");
    first.append(element("span", word, `sev sev--${grave ? "stop" : crossing.level === "hold" ? "hold" : "caution"}`), ` ${crossing.found}`);
    made.append(first, element("h2", crossing.action, "small"));
    if (rule.steps.length) {
      const steps = element("ol", "", "own-steps");
      steps.append(...rule.steps.map((step) => element("li", step)));
      made.append(steps);
    }
    made.append(element("p", `${crossing.rule}: ${rule.told} · ${rule.responsible}${rule.verified ? "" : " · unverified"}`));
    if (crossing.second_at !== null && crossing.second_at <= at) {
      const minutes = Math.floor((at - crossing.asks_at) / MINUTE);
      made.append(element("p", `Nobody answered for ${minutes} min. Call ${second || "a second person"}.`, "second"));
    }
    return made;
  }
  function late(plan, slots, at) {
    const names = slots.map((slot) => plan.rows.find((row) => row.id === slot.row).name.toLowerCase());
    const made = element("section", "", "do do--late reminder");
    const first = element("p", "");
    const minutes = Math.floor((at - Math.min(...slots.map((slot) => slot.due_at))) / MINUTE);
    first.append(element("span", "Late", "sev sev--hold"), ` ${minutes} min`);
    made.append(first, element("h2", names.join(", ").replace(/^./, (letter) => letter.toUpperCase()), "small"));
    if (slots.some((slot) => slot.escalate_at <= at)) made.append(element("p", "Call a second person.", "second"));
    return made;
  }

  function look() {
    const found = read();
    if (!found) return;
    const at = now(), said = lowtideWatch.evaluate(found.plan, [...found.readings, ...waiting], at);
    const drawn = [...document.querySelectorAll("[data-watched]")], pressing = new Set(said.pressing.map(key));
    for (const each of drawn) each.hidden = waiting.length > 0 && !pressing.has(each.dataset.watched);
    const shown = new Set(drawn.map((each) => each.dataset.watched));
    const known = (document.querySelector("[data-watched-late]")?.dataset.watchedLate || "").split(" ");
    const fresh = said.pressing.filter((crossing) => !shown.has(key(crossing)));
    const turned = said.next.filter((slot) => slot.status === "late" && !known.includes(slot.row));
    const cards = fresh.map((crossing) => card(found.plan, crossing, at, found.second));
    if (turned.length) cards.push(late(found.plan, turned, at));
    const words = cards.map((each) => each.textContent).join("\n");
    if (words !== [...place.children].map((each) => each.textContent).join("\n")) place.replaceChildren(...cards);
    const news = [...fresh.map(key), ...turned.map((slot) => slot.row)].join(" ");
    if (news && news !== asked) document.dispatchEvent(new CustomEvent("lowtide:refresh"));
    asked = news;
  }

  document.addEventListener("lowtide:waiting", (event) => { waiting = event.detail || []; look(); });
  document.addEventListener("htmx:after:swap", look);
  setInterval(look, EVERY);
  look();
})();
