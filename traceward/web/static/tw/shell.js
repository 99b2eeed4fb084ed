/* What stands around every page: the overlay of Ctrl K, alerts, what is kept fresh, help.
   Every link and form works without it. */
"use strict";
(() => {
  const ask = async (address, headers = {}) => {
    const answer = await fetch(address, { headers: { "X-Part": "1", ...headers } });
    return { status: answer.status, mark: answer.headers.get("ETag") || "",
      html: answer.status === 200 ? await answer.text() : "" };
  };
  const isTyping = (e) => e.target.closest("input, textarea, select, [contenteditable]");

  /* Find */
  const palette = document.getElementById("tw-palette");
  const hits = document.getElementById("tw-palette-hits");
  const field = palette?.querySelector("input");
  const key = `tw-recent-${document.body.dataset.who}`;
  const recent = () => {
    try { return JSON.parse(localStorage.getItem(key) || "[]"); } catch { return []; }
  };
  const keep = () => {
    const title = document.querySelector("main h1")?.textContent.trim();
    const path = location.pathname;
    if (!title || path === "/" || /^\/(find|do|me|modules|help)/.test(path)) return;
    const others = recent().filter((one) => one.path !== path);
    localStorage.setItem(key, JSON.stringify([{ path, title }, ...others].slice(0, 8)));
  };
  const options = () => [...hits.querySelectorAll("a[role=option]")];
  const choose = (step) => {
    const all = options();
    if (!all.length) return;
    const at = all.findIndex((one) => one.ariaSelected === "true");
    const to = all[(at + step + all.length) % all.length];
    all.forEach((one) => { one.ariaSelected = "false"; });
    to.ariaSelected = "true";
    field.setAttribute("aria-activedescendant", to.id);
    to.scrollIntoView({ block: "nearest" });
  };
  const show = () => {
    options().forEach((one, n) => { one.id = `tw-hit-${n}`; });
  };
  let answered = "";
  const showRecent = () => {
    answered = "";
    hits.replaceChildren();
    const found = recent();
    if (!found.length) return;
    const title = document.createElement("h6");
    title.textContent = hits.dataset.recent;
    title.role = "presentation";
    const list = document.createElement("div");
    list.className = "tw-list";
    list.role = "group";
    list.ariaLabel = hits.dataset.recent;
    found.forEach(({ path, title: text }) => {
      const link = document.createElement("a");
      link.href = path;
      link.role = "option";
      link.textContent = text;
      list.append(link);
    });
    hits.append(title, list);
    show();
  };
  let waiting = 0;
  const look = () => {
    clearTimeout(waiting);
    const text = field.value.trim();
    if (!text) { showRecent(); return; }
    waiting = setTimeout(async () => {
      const found = await ask(`/find?q=${encodeURIComponent(text)}`);
      if (field.value.trim() !== text) return;
      if (!found.html) return;
      hits.innerHTML = found.html;
      answered = text;
      show();
    }, 140);
  };
  const open = () => {
    if (!palette || palette.open) return;
    palette.showModal();
    field.value = "";
    field.focus();
    showRecent();
  };
  field?.addEventListener("input", look);
  palette?.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown") { choose(1); e.preventDefault(); }
    if (e.key === "ArrowUp") { choose(-1); e.preventDefault(); }
    if (e.key === "Enter" && !e.isComposing) {
      const isOld = field.value.trim() !== answered;
      const chosen = !isOld && options().find((one) => one.ariaSelected === "true");
      if (chosen) { window.location.href = chosen.href; e.preventDefault(); }
      else if (!field.value.trim()) e.preventDefault();
    }
  });
  palette?.addEventListener("click", (e) => { if (e.target === palette) palette.close(); });
  document.getElementById("tw-find")?.addEventListener("mousedown", (e) => {
    e.preventDefault();
    open();
  });
  if (palette) keep();
  document.addEventListener("submit", (e) => {
    if (e.target.action.endsWith("/sign-out")) localStorage.removeItem(key);
  });

  /* Help */
  const help = document.getElementById("tw-help");
  const explain = async () => {
    if (!help || help.open) return;
    const found = await ask(`/help?page=${encodeURIComponent(location.pathname)}`);
    if (!found.html) return;
    help.firstElementChild.innerHTML = found.html;
    const own = document.querySelector("#tw-keys dl");
    if (own) help.querySelector(".tw-keylist").replaceWith(own.cloneNode(true));
    help.showModal();
  };
  help?.addEventListener("click", (e) => {
    if (e.target === help || e.target.closest("[data-close]")) help.close();
  });

  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") {
      e.preventDefault();
      e.stopImmediatePropagation();
      open();
    } else if (e.key === "F2") {
      e.preventDefault();
      const scan = document.querySelector("main [data-scan]");
      if (scan) scan.focus(); else open();
    } else if (e.key === "?" && !isTyping(e)) {
      e.preventDefault();
      e.stopImmediatePropagation();
      explain();
    }
  }, true);
  document.addEventListener("click", (e) => {
    const plain = !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0;
    if (plain && e.target.closest("[data-palette]")) { e.preventDefault(); open(); }
    if (plain && e.target.closest("[data-help]")) { e.preventDefault(); explain(); }
  });

  /* Alerts */
  const bell = document.getElementById("tw-bell");
  const count = async () => {
    if (!bell || document.hidden) return;
    const found = await ask("/alerts/count");
    if (found.status !== 200) return;
    const isNone = found.html === "0";
    document.querySelectorAll("#tw-bell-count, [data-bell]").forEach((dot) => {
      dot.hidden = isNone;
      if (dot.textContent !== found.html) dot.textContent = found.html;
    });
  };
  bell?.addEventListener("toggle", async () => {
    if (!bell.open) return;
    const found = await ask("/alerts");
    if (found.html) document.getElementById("tw-bell-list").innerHTML = found.html;
  });

  /* What is kept fresh: parts of the page that name where their newer state is */
  const isBusy = (part) => part.contains(document.activeElement) && document.activeElement !== part
    ? true : Boolean(part.querySelector("details[open], dialog[open]"));
  const refresh = async (part) => {
    if (document.hidden || isBusy(part)) return;
    const found = await ask(part.dataset.live, part.dataset.mark ? { "If-None-Match": part.dataset.mark } : {});
    if (found.status !== 200 || isBusy(part)) return;
    part.innerHTML = found.html;
    part.dataset.mark = found.mark;
  };
  const parts = () => document.querySelectorAll("[data-live]");
  const all = () => { parts().forEach(refresh); count(); };
  setTimeout(count, 400);
  setInterval(all, 60000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) all(); });

  /* The order of cards: moved by buttons, or drawn with the mouse; one press saves it */
  const move = (card, step) => {
    const other = step < 0 ? card.previousElementSibling : card.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(card); else other.after(card);
  };
  document.addEventListener("click", (e) => {
    const button = e.target.closest("button[data-move]");
    if (!button) return;
    e.preventDefault();
    move(button.closest("li"), Number(button.dataset.move));
    button.focus();
  });
  let drawn = null;
  document.addEventListener("dragstart", (e) => { drawn = e.target.closest("li[draggable]"); });
  document.addEventListener("dragover", (e) => {
    const over = e.target.closest("li[draggable]");
    if (!drawn || !over || over === drawn) return;
    e.preventDefault();
    const isBelow = over.compareDocumentPosition(drawn) & Node.DOCUMENT_POSITION_PRECEDING;
    if (isBelow) over.after(drawn); else over.before(drawn);
  });
  document.addEventListener("dragend", () => { drawn = null; });
})();
