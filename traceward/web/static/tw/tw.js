/* Keys, and what a page needs beyond links and forms. Every page works without it. */
"use strict";
(() => {
  const isTyping = (e) => e.target.closest("input, textarea, select, [contenteditable]");
  const press = (key) => {
    const found = document.querySelector(`[data-key="${key}"]`);
    if (!found) return false;
    if (found.matches("input")) found.focus(); else found.click();
    return true;
  };
  document.addEventListener("keydown", (e) => {
    if (isTyping(e) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "?") document.getElementById("tw-keys")?.showModal();
    else if (press(e.key)) e.preventDefault();
  });
  document.addEventListener("click", (e) => {
    document.querySelectorAll("details.tw-menu[open]").forEach((menu) => {
      if (!menu.contains(e.target)) menu.open = false;
    });
  });
  let isChanged = false;
  document.addEventListener("input", (e) => { if (e.target.closest("[data-guard]")) isChanged = true; });
  document.addEventListener("submit", () => { isChanged = false; });
  window.addEventListener("beforeunload", (e) => { if (isChanged) e.preventDefault(); });
})();
