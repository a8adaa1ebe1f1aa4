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
// The time that the plots show, and their scale. Where the page has put a bar is kept in "was".
(() => {
  const tools = document.querySelector(".plots .tools");
  if (!tools) return;
  const left = 70, right = 990, bottom = 250, tall = 240;
  const svgs = [...document.querySelectorAll(".plot svg")];
  const cursor = document.getElementById("cursor");
  const log = document.getElementById("log");
  const was = new Map();
  const number = (e, name) => {
    const key = was.get(e) || was.set(e, {}).get(e);
    return key[name] ??= Number(e.getAttribute(name));
  };
  let from = left, to = right;
  const move = x => left + (x - from) / (to - from) * (right - left);
  const place = (e, x, width) => {
    const begin = Math.max(left, move(x)), end = Math.min(right, move(x + width));
    e.setAttribute("x", begin);
    e.setAttribute("width", Math.max(0, end - begin));
  };
  const show = (e, on) => on ? e.removeAttribute("display") : e.setAttribute("display", "none");
  const bar = (g, top) => {
    const rects = [...g.querySelectorAll("rect")];
    const reach = rects[0];
    show(g, number(reach, "x") < to && number(reach, "x") + number(reach, "width") > from);
    rects.forEach(r => place(r, number(r, "x"), number(r, "width")));
    const parts = rects.slice(1);
    const sum = parts.reduce((all, r) => all + number(r, "height"), 0);
    const factor = log.checked && sum > 0 ? Math.log1p(sum / tall * top) / Math.log1p(top) * tall / sum : 1;
    let y = bottom;
    parts.forEach(r => {
      const height = number(r, "height") * factor;
      y -= height;
      r.setAttribute("y", y);
      r.setAttribute("height", height);
    });
    const mark = g.querySelector(".ddl");
    if (mark) {
      const x = number(reach, "x") + number(reach, "width") * .44;
      mark.setAttribute("transform", "translate(" + (move(x) - x) + ")");
    }
  };
  const draw = () => svgs.forEach(svg => {
    svg.querySelectorAll(".grid").forEach(g => show(g, g.hasAttribute("data-log") === log.checked));
    svg.querySelectorAll(".times line").forEach(l => {
      const x = number(l, "x1");
      show(l, x >= from && x <= to);
      l.setAttribute("x1", move(x));
      l.setAttribute("x2", move(x));
    });
    svg.querySelectorAll(".times text").forEach(t => {
      const x = number(t, "x");
      show(t, x >= from && x <= to);
      t.setAttribute("x", move(x));
    });
    svg.querySelectorAll(".bars > g").forEach(g => bar(g, Number(svg.dataset.top)));
  });
  const zoom = (a, b) => {
    const width = Math.min(right - left, Math.max(10, b - a));
    from = Math.max(left, Math.min(a, right - width));
    to = from + width;
    draw();
  };
  const middle = () => {
    const reach = svgs[0].querySelector('[data-i="' + cursor.value + '"] .reach');
    const x = reach ? number(reach, "x") + number(reach, "width") / 2 : (from + to) / 2;
    return x >= from && x <= to ? x : (from + to) / 2;
  };
  const does = {
    in: () => zoom(middle() - (to - from) / 4, middle() + (to - from) / 4),
    out: () => zoom(from - (to - from) / 2, to + (to - from) / 2),
    earlier: () => zoom(from - (to - from) / 2, to - (to - from) / 2),
    later: () => zoom(from + (to - from) / 2, to + (to - from) / 2),
    all: () => zoom(left, right),
  };
  tools.querySelectorAll("button").forEach(b => b.addEventListener("click", does[b.dataset.do]));
  log.addEventListener("change", draw);
  svgs.forEach(svg => {
    const at = e => {
      const box = svg.getBoundingClientRect();
      return Math.min(right, Math.max(left, (e.clientX - box.left) / box.width * 1000));
    };
    let begin = null, brush = null;
    svg.addEventListener("pointerdown", e => {
      if (e.pointerType === "touch" || e.button) return; // a finger scrolls
      begin = at(e);
      brush = svg.appendChild(document.createElementNS(svg.namespaceURI, "rect"));
      for (const [name, value] of [["class", "brush"], ["x", begin], ["y", 10], ["width", 0], ["height", tall]]) brush.setAttribute(name, value);
      svg.setPointerCapture(e.pointerId);
      e.preventDefault();
    });
    svg.addEventListener("pointermove", e => {
      if (begin === null) return;
      brush.setAttribute("x", Math.min(begin, at(e)));
      brush.setAttribute("width", Math.abs(begin - at(e)));
    });
    const end = e => {
      if (begin === null) return;
      const [a, b] = [begin, at(e)].sort((x, y) => x - y);
      brush.remove();
      begin = brush = null;
      const back = x => from + (x - left) / (right - left) * (to - from);
      if (e.type === "pointerup" && b - a > 5) zoom(back(a), back(b));
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
  });
  tools.hidden = false;
})();
// What a table is searched for stays; all of it can be saved. A value that a spreadsheet would calculate is marked as text.
document.querySelectorAll("table").forEach(table => {
  const region = table.parentElement;
  const name = region.getAttribute("aria-label").replace(/, table$/, "");
  const tools = document.createElement("div");
  tools.className = "tools";
  if (table.classList.contains("sort") && table.tBodies[0].rows.length > 1) {
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = "Search";
    search.setAttribute("aria-label", "Search in " + name);
    search.addEventListener("input", () => {
      const wanted = search.value.toLowerCase();
      for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    tools.append(search);
  }
  const save = document.createElement("button");
  save.type = "button";
  save.textContent = "CSV";
  save.setAttribute("aria-label", "Save " + name + " as CSV");
  save.addEventListener("click", () => {
    const quoted = cell => {
      const exact = cell.dataset.v !== undefined && !cell.querySelector("svg");
      let text = exact ? String(Number(cell.dataset.v)) : cell.textContent;
      if (!exact && text !== "-" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
      return '"' + text.replaceAll('"', '""') + '"';
    };
    const lines = [...table.rows].filter(row => !row.hidden).map(row => [...row.cells].map(quoted).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
    link.download = table.id.replace(/-t$/, "") + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  tools.append(save);
  region.before(tools);
});
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
