/* A questionnaire keeps each answer as it is given, so that a form left half-way says what it said.
   In the patient's hands it also shows one question at a time. Without script each question is a page of its own, and
   the whole form waits in a template. An answer that calls for help shows it at once, network or not. */
(() => {
  "use strict";

  const $$ = (selector, within) => [...within.querySelectorAll(selector)];

  /* ---------- each answer goes to the server, one request at a time, again until it arrived ---------- */
  function keepAnswers(form) {
    const saved = document.querySelector(".saved");
    let sending = false, waiting = false, over = false;

    const say = (words) => { if (saved && saved.textContent !== words) saved.textContent = words; };
    const body = () => { const data = new FormData(form); data.append("part", "1"); return data; };

    async function send() {
      if (over) return;
      if (sending) { waiting = true; return; }
      sending = true;
      waiting = false;
      try {
        const answer = await fetch(form.action || location.href, { method: "POST", body: body(), headers: { Accept: "application/json" } });
        await heard(answer);
      } catch {
        say(form.dataset.lost || "No network. Your answers stay on this page and are sent again.");
        setTimeout(send, 4000);
      } finally {
        sending = false;
        if (waiting) send();
      }
    }
    async function heard(answer) {
      if (!answer.ok) { say(form.dataset.failed || "Not kept yet: press the button below."); return; }
      const { saved: count, raised } = await answer.json();
      say((form.dataset.saved || "Kept {n}").replace("{n}", count));
      if (raised) showHelp();
    }
    function showHelp() {
      for (const id of ["help", "raised"]) {
        const part = document.getElementById(id);
        if (!part || !part.hidden) continue;
        part.hidden = false;
        part.scrollIntoView({ block: "nearest" });
      }
    }

    form.addEventListener("change", (event) => {
      if (!event.target.name.startsWith("item_")) return;
      if ("raises" in event.target.dataset) showHelp();
      send();
    });
    form.addEventListener("submit", () => { over = true; });
    addEventListener("pagehide", () => {
      if (!over && (waiting || sending) && navigator.sendBeacon) navigator.sendBeacon(form.action || location.href, body());
    });
  }

  /* ---------- a question that another answer makes needless ---------- */
  function isNeedless(question, form) {
    const gate = question.dataset.askedIf;
    const said = gate && form.querySelector(`input[name="item_${gate}"]:checked`);
    return Boolean(said) && said.value === "0";
  }
  function markNeedless(form) {
    const questions = $$(".question[data-asked-if]", form);
    const show = () => questions.forEach((question) => question.classList.toggle("question--off", isNeedless(question, form)));
    form.addEventListener("change", show);
    show();
  }

  /* ---------- one question a screen ---------- */
  function stepThrough(form) {
    const questions = $$(".question", form);
    const [back, next, send] = [".back", ".next-step", ".send"].map((name) => form.querySelector(name));
    const progress = form.querySelector(".prog");
    const answered = (question) => question.querySelector("input:checked") !== null || Boolean(question.querySelector("input[type=number]")?.value);
    let at = questions.findIndex((question) => question.classList.contains("question--missing"));
    if (at < 0) at = questions.findIndex((question) => !answered(question));
    if (at < 0) at = questions.length - 1;

    function show() {
      questions.forEach((question, index) => { question.hidden = index !== at; });
      const last = at === questions.length - 1;
      back.hidden = at === 0;
      next.hidden = last;
      send.hidden = !last;
      progress.hidden = false;
      progress.querySelector(".at").textContent = `${at + 1} ${form.dataset.of || "of"} ${questions.length}`;
      $$("li", progress).forEach((mark, index) => mark.classList.toggle("is-done", index <= at));
    }
    function go(by) {
      at = Math.min(Math.max(at + by, 0), questions.length - 1);
      while (isNeedless(questions[at], form) && at + by >= 0 && at + by < questions.length) at += by;
      show();
      (questions[at].querySelector("input:checked") || questions[at].querySelector("input")).focus();
    }
    back.addEventListener("click", () => go(-1));
    next.addEventListener("click", () => go(1));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && at < questions.length - 1) { event.preventDefault(); go(1); }
    });
    show();
  }

  for (const whole of $$("template[data-with-script]", document)) {
    document.querySelector(".plain-steps").replaceWith(whole.content.cloneNode(true));
    whole.remove();
  }
  for (const form of $$("form[data-questionnaire]", document)) {
    keepAnswers(form);
    markNeedless(form);
    if (form.dataset.questionnaire === "steps") stepThrough(form);
  }
})();
