for (const table of document.querySelectorAll("[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => head.onclick = () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach(h => h.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...body.rows].map(row => [row.cells[column].textContent, row]);
    rows.sort(([a], [b]) => (up ? 1 : -1) * a.localeCompare(b, undefined, { numeric: true }));
    body.append(...rows.map(([, row]) => row));
  });
}
