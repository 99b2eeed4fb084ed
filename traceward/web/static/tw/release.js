/* The release console by keyboard: A says that the evidence was looked through and goes on, Enter opens it. */
"use strict";
(() => {
  document.addEventListener("keydown", (e) => {
    if (!document.querySelector("[data-release]") || e.ctrlKey || e.metaKey || e.altKey || e.repeat) return;
    if (e.target.closest("input, textarea, select, dialog")) return;
    if (e.key.toLowerCase() === "a") {
      const look = document.querySelector("[data-look]");
      if (look) { e.preventDefault(); look.click(); }
    } else if (e.key === "Enter" && !e.target.closest("a, button, summary")) {
      e.preventDefault();
      document.querySelector("[data-open]")?.click();
    }
  });
  if (matchMedia("(min-width: 768px)").matches) document.querySelector(".tw-work-list [aria-current]")?.scrollIntoView({ block: "nearest" });
})();
