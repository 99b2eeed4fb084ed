/* Keys, and what a page needs beyond links and forms. Every page works without it. */
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("tr[data-open]")];
  const isTyping = (e) => e.target.closest("input, textarea, select, [contenteditable]");
  const move = (step) => {
    const all = rows();
    const at = all.findIndex((row) => row.classList.contains("tw-cur"));
    const to = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!to) return;
    all.forEach((row) => row.classList.remove("tw-cur"));
    to.classList.add("tw-cur");
    to.scrollIntoView({ block: "nearest" });
  };
  const press = (key) => {
    const found = document.querySelector(`[data-key="${key}"]`);
    if (!found) return false;
    if (found.matches("input")) found.focus(); else found.click();
    return true;
  };
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === "k") {
      document.getElementById("tw-find")?.focus();
      e.preventDefault();
      return;
    }
    if (isTyping(e) || e.ctrlKey || e.metaKey || e.altKey) return;
    const current = document.querySelector("tr.tw-cur");
    if (e.key === "j") move(1);
    else if (e.key === "k") move(-1);
    else if (e.key === "Enter" && current) window.location.href = current.dataset.open;
    else if (press(e.key)) e.preventDefault();
  });
  document.addEventListener("click", (e) => {
    document.querySelectorAll("details.tw-menu[open]").forEach((menu) => {
      if (!menu.contains(e.target)) menu.open = false;
    });
    const row = e.target.closest("tr[data-open]");
    if (row && !e.target.closest("a, button, input")) window.location.href = row.dataset.open;
  });
  let waiting = 0;
  document.addEventListener("input", (e) => {
    const { pick } = e.target.dataset;
    if (!pick) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const text = e.target.value;
      if (/^#\d+ /.test(text)) return;
      const answer = await fetch(`${pick}?q=${encodeURIComponent(text)}`);
      if (answer.ok && text === e.target.value) e.target.list.innerHTML = await answer.text();
    }, 200);
  });
  let isChanged = false;
  document.addEventListener("input", (e) => { if (e.target.closest("[data-guard]")) isChanged = true; });
  document.addEventListener("submit", () => { isChanged = false; });
  window.addEventListener("beforeunload", (e) => { if (isChanged) e.preventDefault(); });
})();
