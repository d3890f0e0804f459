document.querySelectorAll("table.sortable").forEach(table => {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => heading.querySelector("button").addEventListener("click", () => {
    const falling = heading.getAttribute("aria-sort") !== "descending";
    headings.forEach(other => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const value = row => row.cells[column].textContent;
    const numeric = heading.classList.contains("number");
    const number = row => { const n = Number.parseFloat(value(row)); return Number.isNaN(n) ? -Infinity : n; };
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => numeric ? number(a) - number(b) : value(a).localeCompare(value(b)));
    table.tBodies[0].append(...(falling ? rows.reverse() : rows));
  }));
});
