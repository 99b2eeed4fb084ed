/* The flow opens at the lot in question and fills the screen when asked; the slider says its day
   and shows it when let go. */
"use strict";
(() => {
  const box = document.querySelector(".tw-flow-scroll");
  const focus = box && [...box.querySelectorAll(".tw-focus")].find((one) => one.getClientRects().length);
  if (focus) {
    const at = focus.getBoundingClientRect(), here = box.getBoundingClientRect();
    if (box.scrollWidth > box.clientWidth) box.scrollLeft = at.left - here.left - 12;
    if (box.scrollHeight > box.clientHeight) box.scrollTop = at.top - here.top - 40;
  }
  const wider = document.querySelector("[data-wider]");
  const measure = () => { if (box && wider) wider.hidden = box.scrollWidth <= box.clientWidth + 1; };
  addEventListener("resize", measure);
  measure();
  const full = document.querySelector("[data-full]"), card = full?.closest("section");
  const lying = card?.querySelector(".tw-lying");
  /* As large as all of it can be seen, and never smaller than its smallest. */
  const fit = () => {
    if (!card) return;
    const isFull = card.classList.contains("tw-full");
    const smallest = Number(lying.getAttribute("width"));
    const whole = box.clientHeight * lying.viewBox.baseVal.width / lying.viewBox.baseVal.height;
    lying.style.width = isFull ? `${Math.max(smallest, Math.min(box.clientWidth, whole))}px` : "";
    measure();
  };
  const words = full?.querySelector("span"), enter = words?.textContent;
  const turn = (isFull) => {
    card.classList.toggle("tw-full", isFull);
    words.textContent = isFull ? full.dataset.exit : enter;
    for (const one of card.parentElement.children) if (one !== card && one.id !== "peek") one.inert = isFull;
    fit();
  };
  if (full) {
    full.hidden = false;
    full.addEventListener("click", () => turn(!card.classList.contains("tw-full")));
    addEventListener("resize", fit);
    document.addEventListener("keydown", (e) => {
      const peek = document.getElementById("peek");
      if (e.key === "Escape" && card.classList.contains("tw-full") && peek.hidden) { turn(false); full.focus(); }
    }, true);  // before the panel closes by the same key
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

/* A box of the flow is looked at beside it; without this, its link leads to its own page. */
(() => {
  const peek = document.getElementById("peek");
  let from = null;
  const close = () => {
    if (!peek || peek.hidden) return;
    peek.hidden = true;
    peek.replaceChildren();
    from?.classList.remove("tw-cur");
    from?.focus();
    from = null;
  };
  const look = async (box) => {
    from?.classList.remove("tw-cur");
    from = box;
    box.classList.add("tw-cur");
    const go = () => { location.href = box.getAttribute("href"); };
    let answer, text;
    try {
      answer = await fetch(box.dataset.peek);
      text = await answer.text();
    } catch { return go(); }
    if (from !== box) return;
    if (!answer.ok || answer.redirected) return go();
    peek.innerHTML = text;
    peek.hidden = false;
    peek.scrollTop = 0;
    peek.querySelector("[data-close]").focus();
  };
  document.addEventListener("click", (e) => {
    const box = e.target.closest("[data-peek]");
    if (box && peek && !e.ctrlKey && !e.metaKey && !e.shiftKey && !e.altKey && e.button === 0) {
      e.preventDefault();
      look(box);
    } else if (e.target.closest("#peek [data-close]")) close();
  });
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") close(); });
})();
