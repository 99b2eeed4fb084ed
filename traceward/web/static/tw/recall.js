/* A menu in a row stands above what scrolls. The clocks go on, by the time of the server; they are said aloud once an hour, not each second. */
"use strict";
(() => {
  const menus = [...document.querySelectorAll(".tw-rc-acts .tw-menu")];
  const place = (menu) => {
    const pop = menu.querySelector(".tw-pop"), at = menu.getBoundingClientRect();
    pop.classList.add("tw-placed");
    const { offsetWidth: wide, offsetHeight: high } = pop;
    const below = at.bottom + 4 + high < innerHeight ? at.bottom + 4 : Math.max(4, at.top - 4 - high);
    pop.style.top = `${below}px`;
    pop.style.left = `${Math.max(4, Math.min(at.right - wide, innerWidth - wide - 4))}px`;
  };
  for (const menu of menus) menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    menus.forEach((one) => { if (one !== menu) one.open = false; });
    place(menu);
  });
  addEventListener("scroll", (event) => {
    if (!event.target.closest?.(".tw-pop")) menus.filter((one) => one.open).forEach(place);
  }, { capture: true, passive: true });
  const clocks = [...document.querySelectorAll("[data-ends]")];
  if (!clocks.length) return;
  const skew = Number(clocks[0].dataset.now) - Date.now() / 1000;
  const two = (n) => String(n).padStart(2, "0");
  const tick = () => {
    for (const one of clocks) {
      const left = Math.trunc(Number(one.dataset.ends) - skew - Date.now() / 1000);
      const seconds = Math.abs(left), days = Math.floor(seconds / 86400);
      const hours = Math.floor(seconds / 3600) % 24;
      const rest = `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
      one.textContent = days ? `${days} ${one.dataset.days} ${rest}` : rest;
      one.setAttribute("aria-live", seconds % 3600 ? "off" : "polite");
      const box = one.parentElement;
      box.querySelector(".tw-word").textContent = left < 0 ? one.dataset.over : one.dataset.still;
      box.classList.toggle("tw-bad", left < 86400);
    }
  };
  tick();
  setInterval(tick, 1000);
})();
