/* The flow opens at the lot in question; the slider says its day and shows it when let go. */
"use strict";
(() => {
  const box = document.querySelector(".tw-flow-scroll");
  const focus = box && [...box.querySelectorAll(".tw-focus")].find((one) => one.getClientRects().length);
  if (focus) {
    const at = focus.getBoundingClientRect(), here = box.getBoundingClientRect();
    if (box.scrollWidth > box.clientWidth) box.scrollLeft = at.left - here.left - 12;
    if (box.scrollHeight > box.clientHeight) box.scrollTop = at.top - here.top - 40;
  }
  const slide = document.querySelector('.tw-slide input[type="range"]');
  if (!slide || !slide.dataset.first) return;
  const told = slide.parentElement.querySelector("output");
  const say = () => {
    const day = new Date(`${slide.dataset.first}T12:00Z`);
    day.setUTCDate(day.getUTCDate() + Number(slide.value));
    told.textContent = day.toISOString().slice(0, 10);
  };
  slide.addEventListener("input", say);
  slide.addEventListener("change", () => slide.form.requestSubmit());
  say();
})();
