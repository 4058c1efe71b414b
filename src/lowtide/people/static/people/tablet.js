/* A shared tablet says which it is: an id of its own, made once and kept in the browser, that says nothing about
   anybody. The page to open it offers the names of those who work at it. */
(() => {
  "use strict";

  const KEY = "lowtide-device";
  const device = localStorage.getItem(KEY) || crypto.randomUUID?.();
  if (!device) return;
  localStorage.setItem(KEY, device);
  for (const field of document.querySelectorAll("input[data-device]")) field.value = device;

  // a PIN that is set or removed here is another answer than the one the pages at the chair hand on
  if (document.body.dataset.user) navigator.serviceWorker?.controller?.postMessage({ forget: true });

  const form = document.querySelector("form[data-open-tablet]");
  if (!form) return;
  const names = form.querySelector("[data-names]");
  const { name, pin } = form.elements;

  pin.addEventListener("input", () => {
    if (pin.value.length === Number(form.dataset.openTablet) && name.value.trim()) form.requestSubmit();
  });
  function offer(people) {
    for (const one of people) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn--big", textContent: one.name });
      button.addEventListener("click", () => { name.value = one.login; pin.value = ""; pin.focus(); });
      names.append(button);
    }
    names.hidden = !people.length;
  }
  fetch(names.dataset.names, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ device }),
  }).then((answer) => answer.json()).then((told) => offer(told.names), () => {});
})();
