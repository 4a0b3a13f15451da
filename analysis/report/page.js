// The page is whole without this. It marks the section in sight, shows the claims of one
// verdict, finds claims in the ledger, and opens what a link or a printer asks for.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Contents: a narrow screen starts with them folded; the section in sight is marked.
  const contents = document.querySelector("#contents > details");
  if (matchMedia("(max-width: 67.9rem)").matches) contents.open = false;
  const places = all("#contents a")
    .map((link) => [link, document.getElementById(link.hash.slice(1))])
    .filter(([, place]) => place);
  const mark = () => {
    let current = null;
    places.forEach(([link, place]) => {
      link.removeAttribute("aria-current");
      const shown = place.checkVisibility();
      if (shown && place.getBoundingClientRect().top < innerHeight / 3) current = link;
    });
    current?.setAttribute("aria-current", "true");
  };
  addEventListener("scroll", mark, { passive: true });
  mark();

  // The map: a verdict that is pressed dims the squares of the others.
  const legend = all(".legend button");
  legend.forEach((button) => button.addEventListener("click", () => {
    const chosen = button.getAttribute("aria-pressed") !== "true";
    legend.forEach((each) =>
      each.setAttribute("aria-pressed", String(chosen && each === button)));
    all(".square").forEach((square) => square.classList.toggle(
      "dim", chosen && square.dataset.verdict !== button.dataset.verdict));
  }));

  // The ledger: claims that have all words and the verdict, in groups that open for them.
  const form = document.querySelector("form.find");
  const claims = all("details.claim");
  const words = new Map(claims.map((claim) => [claim, claim.textContent.toLowerCase()]));
  const find = () => {
    const { text, verdict } = form.elements;
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    claims.forEach((claim) => {
      claim.hidden =
        !wanted.every((word) => words.get(claim).includes(word)) ||
        (verdict.value !== "" && claim.dataset.verdict !== verdict.value);
    });
    all("details.group").forEach((group) => {
      group.hidden = !group.querySelector(".claim:not([hidden])");
      group.open = wanted.length > 0 || verdict.value !== "";
    });
    const shown = claims.filter((claim) => !claim.hidden).length;
    form.querySelector("output").textContent = `${shown} of ${claims.length} claims`;
  };
  const showAll = () => {
    form.reset();
    find();
  };
  if (form) {
    form.addEventListener("input", find);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.elements.all.addEventListener("click", showAll);
    form.hidden = false;
    find();
  }

  // A link opens what it points at, and what that is folded into.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) showAll();
    let within = target;
    while ((within = within.closest("details"))) {
      within.open = true;
      within = within.parentElement;
    }
    target.querySelector(":scope > details")?.setAttribute("open", "");
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  all("a[href^='#']").forEach((link) => link.addEventListener("click", () => {
    if (link.hash === location.hash) reveal();
  }));
  reveal();

  // On paper the ledger has a line for every claim.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details.group:not([open])");
    folded.forEach((each) => { each.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((each) => { each.open = false; }));
})();
