/* Walking the flowsheet by keyboard: arrows move between cells that can be opened, Enter opens, d goes to the next due one. */
(() => {
  "use strict";

  const opener = (cell) => cell?.querySelector("button, a");
  const cells = (grid) => [...grid.tBodies].flatMap((part) => [...part.rows]).map((row) => [...row.cells].map(opener));
  const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

  function place(grid, target) {
    const rows = cells(grid);
    const row = rows.findIndex((each) => each.includes(target));
    return { rows, row, column: row < 0 ? -1 : rows[row].indexOf(target) };
  }
  function move(grid, target, [down, right]) {
    let { rows, row, column } = place(grid, target);
    do { row += down; column += right; } while (rows[row]?.[column] === undefined ? false : !rows[row][column]);
    rows[row]?.[column]?.focus();
  }
  function nextDue() {
    const due = [...document.querySelectorAll(".flow .is-late, .flow .is-due")].map(opener).filter(Boolean);
    const after = due.indexOf(document.activeElement) + 1;
    due[after % due.length]?.focus();
  }
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches?.("input, select, textarea")) return;
    const grid = target.closest?.("table.flow");
    if (grid && steps[event.key]) { event.preventDefault(); move(grid, target, steps[event.key]); }
    const single = localStorage.getItem("keys") !== "false";
    if (event.key === "d" && single && !document.querySelector("dialog[open]")) { event.preventDefault(); nextDue(); }
  });
})();
