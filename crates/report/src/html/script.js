
"use strict";
// Filters and an order. The page is whole without this: nothing is added but a form that is there already.
(() => {
  const form = document.getElementById("tools");
  const shown = document.getElementById("shown");
  const items = [...document.querySelectorAll("[data-section]")].map((element, index) => ({
    element, index, home: element.parentNode,
    outcomes: [...element.querySelectorAll(".outcome")].map((outcome) => ({
      element: outcome, status: outcome.dataset.status, subjects: new Set(outcome.dataset.subjects.split(" ")),
    })),
    section: element.dataset.section,
    severity: element.dataset.severity,
    text: element.textContent.toLowerCase(),
  }));
  const severities = ["critical", "high", "medium", "low"];
  const count = (item) => Math.max(...item.outcomes.map((outcome) => outcome.subjects.size));
  const orders = {
    "": (a, b) => a.index - b.index,
    severity: (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || a.index - b.index,
    subjects: (a, b) => count(b) - count(a) || a.index - b.index,
  };
  let order = "";

  const filter = () => {
    const chosen = new FormData(form);
    const statuses = new Set(chosen.getAll("status"));
    const of = (name) => chosen.get(name) || "";
    const [section, severity, subject] = [of("section"), of("severity"), of("subject")];
    const words = of("text").toLowerCase().split(/\s+/).filter(Boolean);
    let visible = 0;
    for (const item of items) {
      let any = false;
      for (const outcome of item.outcomes) {
        const fits = statuses.has(outcome.status) && (!subject || outcome.subjects.has(subject));
        outcome.element.hidden = !fits;
        any ||= fits;
      }
      any &&= !section || item.section === section || item.section.startsWith(section + ".");
      any &&= !severity || item.severity === severity;
      any &&= words.every((word) => item.text.includes(word));
      item.element.hidden = !any;
      visible += any ? 1 : 0;
    }
    for (const part of document.querySelectorAll(".items, .part tbody")) {
      const own = items.filter((item) => item.home === part);
      if (own.length > 0) part.closest(".part").hidden = own.every((item) => item.element.hidden);
    }
    shown.textContent = visible === items.length ? `${visible} checks` : `${visible} of ${items.length} checks are shown`;
    if (of("order") !== order) {
      order = of("order");
      for (const item of [...items].sort(orders[order])) item.home.append(item.element);
    }
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  document.getElementById("print").addEventListener("click", () => window.print());

  // A link to what is filtered away shows it.
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) { form.reset(); setTimeout(() => target.scrollIntoView()); }
  });

  // Paper has nothing to open.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  window.addEventListener("afterprint", () => { for (const details of closed) details.open = false; });

  form.hidden = false;
  filter();
})();
