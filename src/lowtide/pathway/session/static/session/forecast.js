/* The forecast of a running session is worked out after the page has come: the chart says where it can be fetched, and
   takes it when it is there. Until then the chart stands with the band it had, or with none. */
(() => {
  "use strict";

  let asking = "";

  async function ask() {
    const part = document.querySelector('[data-part="chart"]');
    const wanted = part?.querySelector("[data-forecast]")?.dataset.forecast;
    if (!wanted || asking === wanted) return;
    asking = wanted;
    try {
      const answer = await fetch(wanted, { headers: { "X-Lowtide-Background": "1" }, cache: "no-store", redirect: "error" });
      const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('[data-part="chart"]');
      if (fresh) show(part, fresh);
    } catch { /* the next refresh asks again */ }
    asking = "";
  }
  function show(part, fresh) {
    if (part.contains(document.activeElement)) { // nothing is taken from under a finger or a reader
      const chart = part.querySelector(".chart"), drawn = fresh.querySelector(".chart");
      if (chart && drawn) { chart.innerHTML = drawn.innerHTML; delete chart.dataset.forecast; }
      return;
    }
    const open = [...part.querySelectorAll("details[open]")].map((each) => each.dataset.persist);
    part.innerHTML = fresh.innerHTML;
    for (const name of open) if (name) part.querySelector(`details[data-persist="${CSS.escape(name)}"]`)?.setAttribute("open", "");
  }
  document.addEventListener("htmx:after:swap", ask);
  ask();
})();
