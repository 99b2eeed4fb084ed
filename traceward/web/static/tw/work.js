/* Worklists by keyboard: A and R lead into the form of their verb, Enter opens the document. */
"use strict";
(() => {
  const isIn = (e) => e.target.closest("input, textarea, select, [contenteditable], dialog");
  const form = () => document.getElementById("form");
  /* To the first field that is to be filled in; where none is, to the button that sends. */
  const into = () => {
    if (!form()) return;
    const fields = [...form().elements].filter((e) => e.matches("input:not([type=hidden]), select, textarea")
      && !e.disabled && e.offsetParent);
    const wanted = fields.find((e) => e.required && !e.value.trim()) || form().querySelector("button[data-send]");
    wanted.focus({ preventScroll: true });
    wanted.scrollIntoView({ block: "center" });
  };
  document.addEventListener("keydown", (e) => {
    if (!document.querySelector("[data-work]") || e.ctrlKey || e.metaKey || e.altKey) return;
    const key = e.key.toLowerCase();
    if (key === "escape" && form()?.contains(e.target) && !document.querySelector("dialog[open]")) { e.target.blur(); return; }
    if (isIn(e)) return;
    const verb = { a: "accept", r: "reject" }[key];
    if (verb) {
      e.preventDefault();
      if (document.querySelector("[data-do]")?.dataset.do === verb) into();
      else {
        const link = document.querySelector(`[data-act="${verb}"]`);
        if (link) location.assign(link.href.replace(/#.*/, "")); // a fragment would take the focus
      }
    } else if (key === "enter" && !e.target.closest("a, button, summary")) {
      e.preventDefault();
      document.querySelector("[data-open]")?.click();
    }
  });
  if (document.querySelector("[data-begin]") && matchMedia("(min-width: 768px)").matches) into();
  document.querySelector(".tw-work-list [aria-current]")?.scrollIntoView({ block: "nearest" });
})();
