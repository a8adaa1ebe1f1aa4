"use strict";
// The cursor reads one bar of the plots out of the table of numbers.
(() => {
  const table = document.getElementById("buckets-t");
  if (!table) return;
  const cursor = document.getElementById("cursor");
  const output = document.querySelector(".cursor output");
  const heads = [...table.tHead.rows[0].cells].map(c => c.textContent);
  const rows = table.tBodies[0].rows;
  const show = () => {
    const i = Number(cursor.value);
    document.querySelectorAll(".here").forEach(g => g.classList.remove("here"));
    document.querySelectorAll('.bars [data-i="' + i + '"]').forEach(g => g.classList.add("here"));
    const cells = [...rows[i].cells].map(c => c.textContent);
    output.textContent = cells[0] + " · " + cells.slice(1).map((text, n) => heads[n + 1] + " " + text).join(" · ");
    cursor.setAttribute("aria-valuetext", output.textContent);
  };
  cursor.addEventListener("input", show);
  document.querySelectorAll(".bars [data-i]").forEach(g => g.addEventListener("pointerenter", () => {
    cursor.value = g.dataset.i;
    show();
  }));
  document.querySelector(".cursor").hidden = false;
  show();
})();
// A click on the head of a column sorts by it; numbers and sizes begin with the largest.
document.querySelectorAll("table.sort").forEach(table => {
  const body = table.tBodies[0];
  if (body.rows.length < 2) return;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const number = head.classList.contains("n");
      const up = head.hasAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : !number;
      const value = row => {
        const cell = row.cells[column];
        return number ? Number(cell.dataset.v) : cell.dataset.v || cell.textContent;
      };
      const order = (a, b) => number ? value(a) - value(b) : value(a).localeCompare(value(b));
      const sorted = [...body.rows].sort((a, b) => up ? order(a, b) : order(b, a));
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      body.append(...sorted);
    });
  });
});
// Paper has no room for what is folded away.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => { d.open = true; }));
