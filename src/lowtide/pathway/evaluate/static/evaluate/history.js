/* The date and the detail of a question open once somebody types in it or walks to it by keyboard, and stay open:
   closing them when the focus leaves would pull the button away from under the finger that presses it. */
(() => {
  "use strict";
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(".q-row");
    if (row && event.target.matches(":focus-visible")) row.querySelector(".q-more")?.classList.add("q-more--shown");
  });
})();
