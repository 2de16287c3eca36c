"use strict";
(() => {
  const form = document.getElementById("filters");
  const rows = [...document.querySelectorAll(".row")];
  const shown = document.getElementById("shown");
  const unfold = document.getElementById("unfold");
  const broken = ["fail", "warn", "known-deviation"];
  form.hidden = false;

  const chosen = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);

  function apply() {
    const dialects = chosen("dialect"), levels = chosen("level"), verdicts = chosen("verdict");
    const word = form.elements.text.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      const fits = dialects.includes(row.dataset.dialect) && levels.includes(row.dataset.level) &&
        verdicts.includes(row.dataset.verdict) && (!word || row.textContent.toLowerCase().includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const part of document.querySelectorAll(".dialect")) {
      part.hidden = !part.querySelector(".row:not([hidden])");
    }
    shown.value = `${count} of ${rows.length} shown`;
    document.getElementById("nothing").hidden = count > 0;
  }

  // A link to a requirement opens it, even where a filter has hidden it.
  function follow() {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!row || !row.classList.contains("row")) return;
    if (row.hidden) { form.reset(); apply(); }
    row.open = true;
    row.scrollIntoView();
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  document.getElementById("only-broken").addEventListener("click", () => {
    for (const box of form.querySelectorAll("input[name=verdict]")) box.checked = broken.includes(box.value);
    apply();
  });
  unfold.addEventListener("click", () => {
    const open = unfold.textContent === "unfold";
    for (const row of rows) row.open = open;
    unfold.textContent = open ? "fold" : "unfold";
  });
  for (const button of document.querySelectorAll(".copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest(".reproduce").querySelector("pre").textContent);
      button.textContent = "copied";
    });
  }
  // Where a browser cannot show folded parts in print by style, open them.
  const folded = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) { part.open = true; folded.push(part); }
  });
  addEventListener("afterprint", () => { for (const part of folded.splice(0)) part.open = false; });
  addEventListener("hashchange", follow);
  apply();
  follow();
})();
