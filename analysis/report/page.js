// Filter and sort the claims of the ledger. Without this the table is complete, in the
// paper's order, and its controls are hidden.
(() => {
  const table = document.querySelector("table.claims");
  const form = document.querySelector("form.filter");
  if (!table || !form) return;
  const { text, verdict, images, testable } = form.elements;
  const inOrder = [...table.tBodies];
  const claims = inOrder.filter((body) => body.id);
  const words = new Map(claims.map((claim) => [claim, claim.textContent.toLowerCase()]));
  const heads = [...table.tHead.rows[0].cells];
  const order = new Intl.Collator("en", { numeric: true });
  let sorted = { column: 0, down: false };

  const has = (list, word) => !word || list.split(",").includes(word);
  const shows = (claim) =>
    has(claim.dataset.verdicts, verdict.value) &&
    has(claim.dataset.images, images.value) &&
    !(testable.checked && claim.dataset.verdicts === "not testable here") &&
    text.value.toLowerCase().split(/\s+/).every((word) => words.get(claim).includes(word));

  function filter() {
    claims.forEach((claim) => { claim.hidden = !shows(claim); });
    // The head of a part stands over its claims, in the paper's order alone.
    let part = null;
    inOrder.forEach((body) => {
      if (!body.id) (part = body).hidden = true;
      else if (!body.hidden && sorted.column === 0 && !sorted.down) part.hidden = false;
    });
    const shown = claims.filter((claim) => !claim.hidden).length;
    form.querySelector("output").textContent = `${shown} of ${claims.length} claims`;
  }

  // A claim sorts by its first row; what has no value comes last in both directions.
  const key = (claim) => {
    const cell = claim.rows[0].cells[sorted.column];
    if ("sort" in cell.dataset) return Number(cell.dataset.sort);
    return cell.textContent.trim() === "–" ? null : cell.textContent;
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : order.compare(a, b);

  function sort(column, down) {
    sorted = { column, down };
    const keyed = claims.map((claim, place) => [column ? key(claim) : place, claim]);
    keyed.sort(([a], [b]) =>
      a === null || b === null
        ? (a === null) - (b === null)
        : (down ? -1 : 1) * compare(a, b));
    const paper = column === 0 && !down;
    table.append(...(paper ? inOrder : keyed.map(([, claim]) => claim)));
    heads.forEach((head, place) => {
      const direction = down ? "descending" : "ascending";
      head.setAttribute("aria-sort", place === column ? direction : "none");
    });
    filter();
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () =>
      sort(column, sorted.column === column && !sorted.down));
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  const showAll = () => {
    form.reset();
    sort(0, false);
  };
  form.elements.all.addEventListener("click", showAll);

  // A verdict of the overview shows its claims; a link to a hidden claim shows all.
  document.querySelectorAll("a[data-verdict]").forEach((link) =>
    link.addEventListener("click", () => {
      showAll();
      verdict.value = link.dataset.verdict;
      filter();
    }));
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!claims.includes(target) || !target.hidden) return;
    showAll();
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  form.hidden = false;
  sort(0, false);
  reveal();
})();
