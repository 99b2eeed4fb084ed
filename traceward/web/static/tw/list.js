/* Lists: moving, selecting, looking at a row beside the list. Lists work without it. */
"use strict";
(() => {
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const rows = () => all("tr[data-open]");
  const current = () => document.querySelector("tr.tw-cur");
  const peek = () => document.getElementById("peek");
  const boxes = () => all("#bulk tbody input[name=row]");
  const bar = () => document.querySelector(".tw-bulk");
  let last = null;

  const move = (step) => {
    const found = rows();
    const at = found.indexOf(current());
    const to = found[Math.min(Math.max(at + step, 0), found.length - 1)];
    if (to) stand(to);
  };
  const stand = (row) => {
    current()?.classList.remove("tw-cur");
    row.classList.add("tw-cur");
    row.scrollIntoView({ block: "nearest" });
    if (!peek().hidden) look();
  };

  /* Looking at a row */
  const look = async () => {
    const row = current();
    if (!row) return;
    const answer = await fetch(row.dataset.peek);
    if (!answer.ok || current() !== row) return;
    peek().innerHTML = await answer.text();
    const open = peek().querySelector("footer a");
    if (open) open.href = row.dataset.open;
    peek().hidden = false;
  };
  const close = () => { peek().hidden = true; peek().replaceChildren(); };

  /* Selecting */
  const told = () => {
    const form = document.getElementById("bulk");
    if (!form || !bar()) return;
    const chosen = boxes().filter((box) => box.checked);
    const every = form.elements.all;
    const isAll = every && !every.disabled;
    boxes().forEach((box) => box.closest("tr").classList.toggle("tw-sel", box.checked));
    bar().hidden = !chosen.length;
    bar().querySelector("[data-count]").textContent = isAll ? form.querySelector("table").dataset.total : chosen.length;
    const page = form.querySelector("[data-page]");
    page.checked = chosen.length > 0 && chosen.length === boxes().length;
    page.indeterminate = chosen.length > 0 && !page.checked;
    const total = form.querySelector("table").dataset.total;
    bar().querySelector("[data-all]").hidden = isAll || !page.checked || total === String(boxes().length);
    all("[data-verb]", bar()).forEach((button) => {
      const no = chosen.filter((box) => (box.closest("tr").dataset.skips || "").split(" ").includes(button.dataset.verb));
      const skip = button.querySelector("small");
      skip.textContent = no.length && !isAll ? ` ${no.length} ${skip.dataset.skip}` : "";
      button.disabled = !isAll && chosen.length > 0 && no.length === chosen.length;
    });
  };
  const none = () => {
    boxes().forEach((box) => { box.checked = false; });
    const every = document.getElementById("bulk")?.elements.all;
    if (every) every.disabled = true;
    told();
  };
  const tick = (box, isRange) => {
    const found = boxes();
    const every = document.getElementById("bulk").elements.all;
    every.disabled = true;
    if (isRange && last && found.includes(last)) {
      const [from, to] = [found.indexOf(last), found.indexOf(box)].sort((a, b) => a - b);
      found.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    last = box;
    told();
  };

  const ready = () => {
    all("[data-page], [data-up]").forEach((one) => { one.hidden = false; });
    const noted = document.querySelector(".tw-more");
    if (noted) all(".tw-more").forEach((one) => { one.hidden = true; });
    told();
  };

  document.addEventListener("keydown", (e) => {
    if (e.target.closest("input:not([type=checkbox]), textarea, select, dialog") || e.ctrlKey || e.metaKey || e.altKey) return;
    const row = current();
    const key = e.key.toLowerCase();
    const box = row?.querySelector("input[name=row]");
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "x" && box) { box.checked = !box.checked; tick(box, e.shiftKey); }
    else if (key === "enter" && row && !e.target.closest("a, button, summary")) window.location.href = row.dataset.open;
    else if (key === " " && !e.target.closest("a:not(.tw-open), button, summary, input")) { if (!row) move(1); if (peek().hidden) look(); else close(); }
    else if (key === "escape") { if (!peek().hidden) close(); else none(); }
    else return;
    e.preventDefault();
  });

  document.addEventListener("click", (e) => {
    if (e.target.matches("#bulk input[name=row]")) tick(e.target, e.shiftKey);
    else if (e.target.matches("[data-page]")) {
      boxes().forEach((box) => { box.checked = e.target.checked; });
      document.getElementById("bulk").elements.all.disabled = true;
      told();
    } else if (e.target.closest("[data-all]")) {
      const every = document.getElementById("bulk").elements.all;
      every.disabled = false;
      every.value = "1";
      told();
    } else if (e.target.closest("[data-none]")) none();
    else if (e.target.closest("[data-more]")) all(".tw-more").forEach((one) => { one.hidden = !one.hidden; });
    else if (e.target.closest("[data-close]")) close();
    else if (e.target.closest("[data-up]")) {
      const line = e.target.closest("li");
      line.previousElementSibling?.before(line);
      line.querySelector("[data-up]").focus();
    } else {
      const row = e.target.closest("tr[data-open]");
      if (row && !e.target.closest("a, button, input, label") && !String(window.getSelection())) window.location.href = row.dataset.open;
    }
  });

  document.addEventListener("focusin", (e) => { if (e.target.matches(".tw-open")) stand(e.target.closest("tr")); });
  document.addEventListener("htmx:afterSettle", ready);
  window.addEventListener("pageshow", ready);
  ready();
})();
