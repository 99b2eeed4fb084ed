/* Stations: a scan is sent with an id of its own until it is answered; scans that come meanwhile
   wait their turn. The focus returns; what came of a scan is heard and felt. */
"use strict";
(() => {
  const keyboard = (e) => {
    const button = e.target.closest("[data-keyboard]");
    if (!button) return;
    const field = button.closest("form").elements.code;
    field.inputMode = field.inputMode === "none" ? "text" : "none";
    field.focus();
  };
  document.addEventListener("click", keyboard);
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape") document.querySelectorAll("details[open].tw-menu").forEach((menu) => { menu.open = false; });
  });

  /* A shared device asks for the PIN again after some idle minutes; the page stays as it is. */
  const lock = document.getElementById("tw-lock");
  let opened = () => {};
  const shut = () => {
    if (!lock || lock.open) return;
    lock.showModal();
    lock.querySelector("[name=pin]").focus();
  };
  if (lock) {
    let last = Date.now();
    const busy = () => { last = Date.now(); };
    ["pointerdown", "keydown", "input"].forEach((name) => document.addEventListener(name, busy));
    const send = (form, path) => fetch(path, { method: "POST", headers: { "X-Part": "1" }, body: new URLSearchParams(new FormData(form)) });
    setInterval(async () => {
      if (lock.open || Date.now() - last < Number(lock.dataset.after) * 1000) return;
      shut();
      try { await send(lock.querySelector("form"), "/station/lock"); } catch { /* locked by time, too */ }
    }, 1000);
    lock.addEventListener("cancel", (e) => e.preventDefault());
    lock.addEventListener("submit", async (e) => {
      e.preventDefault();
      const form = lock.querySelector("form"), told = lock.querySelector("[data-told]");
      let answer = null;
      try { answer = await send(form, "/station/unlock"); } catch { return; }
      form.elements.pin.value = "";
      if (answer.status === 204) { told.hidden = true; busy(); lock.close(); opened(); return; }
      if (answer.redirected) { location.reload(); return; }
      told.textContent = (await answer.json()).told;
      told.hidden = false;
      form.elements.pin.focus();
    });
  }

  /* What was scanned and not booked stays on this device for its person, with the ids of the
     requests that tried to book it; a basket that was booked, or is two weeks old, is gone. */
  const BASKET = "tw-basket:", OLD = 14 * 86400000;
  const who = `${document.body.dataset.who || ""}:`;
  const basketOf = (path) => {
    try { return JSON.parse(localStorage.getItem(BASKET + who + path)); } catch { return null; }
  };
  Object.keys(localStorage).filter((key) => key.startsWith(BASKET)).forEach((key) => {
    let one = null;
    try { one = JSON.parse(localStorage.getItem(key)); } catch { /* not ours */ }
    const isBooked = one?.sent?.includes(document.body.dataset.booked);
    if (!one?.hand || isBooked || Date.now() - one.at > OLD) localStorage.removeItem(key);
  });
  const mark = document.getElementById("tw-st-kept");
  if (mark) {
    document.querySelectorAll(".tw-st-tasks a").forEach((link) => {
      const one = basketOf(link.pathname);
      if (!one) return;
      const told = mark.content.cloneNode(true);
      told.querySelector("b").textContent = one.count;
      link.append(told);
      link.parentElement.prepend(link);
    });
  }
  const all = document.getElementById("tw-station");
  if (!all) return;
  const basket = "keeps" in all.dataset ? BASKET + who + location.pathname : "";
  const keepBasket = () => {
    if (!basket || !form()) return;
    const hand = form().elements.hand.value, { basket: held = [], short = [], skipped = [] } = JSON.parse(hand);
    const count = short.length || skipped.length || held.flatMap((one) => one.parts || []).reduce((sum, [, quantity]) => sum + quantity, 0);
    const { sent = [] } = basketOf(location.pathname) || {};
    try {
      if (held.length + short.length + skipped.length) localStorage.setItem(basket, JSON.stringify({ hand, count, sent, at: Date.now() }));
      else localStorage.removeItem(basket);
    } catch { /* no room: the page itself still has it */ }
  };
  /* The id is there before the request goes out. */
  document.addEventListener("submit", (e) => {
    const one = basket && e.target.id === "form" ? basketOf(location.pathname) : null;
    if (!one) return;
    const id = e.target.elements.request_id.value;
    one.sent = [...one.sent.filter((sent) => sent !== id), id].slice(-20);
    localStorage.setItem(basket, JSON.stringify(one));
  }, true);
  const word = (name) => document.getElementById("tw-st-words").content.querySelector(`[data-word=${name}]`).textContent;
  const form = () => document.getElementById("scan");
  const field = () => form()?.elements.code;
  const kept = `tw-station:${document.body.dataset.who || ""}:${location.pathname}`;
  const uuid = () => crypto.randomUUID?.() || "10000000-1000-4000-8000-100000000000".replace(/[018]/g,
    (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

  /* What waits to be sent stays in this browser until it is answered. */
  let queue = [];
  try { queue = JSON.parse(localStorage.getItem(kept) || "[]"); } catch { queue = []; }
  const keep = () => {
    if (queue.length) localStorage.setItem(kept, JSON.stringify(queue));
    else localStorage.removeItem(kept);
  };
  const net = (isOn) => {
    const chip = document.querySelector("[data-net]");
    if (!chip) return;
    chip.classList.toggle("tw-off", !isOn);
    chip.lastElementChild.textContent = isOn && queue.length < 2 ? word("synced")
      : `${isOn ? word("waiting") : word("retry")} ${queue.length}`;
  };

  /* Heard and felt. */
  let sound = null;
  const beep = (...notes) => {
    try {
      sound ||= new AudioContext();
      notes.forEach(([pitch, at, long]) => {
        const tone = sound.createOscillator(), loud = sound.createGain();
        tone.frequency.value = pitch;
        tone.type = "square";
        loud.gain.value = 0.08;
        tone.connect(loud).connect(sound.destination);
        tone.start(sound.currentTime + at);
        tone.stop(sound.currentTime + at + long);
      });
    } catch { /* a device without sound */ }
  };
  const tell = (verdict) => {
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    if (verdict === "ok") { beep([1760, 0, 0.08]); navigator.vibrate?.(40); }
    if (verdict === "more") { beep([1180, 0, 0.08]); navigator.vibrate?.(40); }
    if (verdict === "bad") { beep([220, 0, 0.18], [180, 0.24, 0.26]); navigator.vibrate?.([200, 80, 200]); }
    if (verdict === "done") { beep([1047, 0, 0.1], [1319, 0.11, 0.1], [1568, 0.22, 0.16]); navigator.vibrate?.([40, 40, 40]); }
  };

  const began = Date.now();
  const tick = () => {
    const clock = document.querySelector("[data-clock]");
    const seconds = Math.floor((Date.now() - began) / 1000);
    if (clock) clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  setInterval(tick, 1000);

  /* The focus returns to the field, unless somebody writes elsewhere or has the keyboard up. */
  const refocus = () => {
    const at = document.activeElement, to = field();
    if (!to || to === at || at?.closest("#form, dialog, details[open].tw-menu, [name=packs]")) return;
    to.focus({ preventScroll: true });
  };
  setInterval(refocus, 400);

  /* A scanner types where the focus happens to be. In the box of packs what comes as fast as a
     scanner, or is longer than any number of packs, is a scan; what a hand typed stays, and the
     focus goes back after a short pause. Where nothing takes letters they go to the scan field. */
  const FAST = 40, PAUSE = 1500, LONG = 6;
  let burst = "", pressed = 0, packsWere = "1", pause = 0;
  const endBurst = () => {
    const code = burst;
    burst = "";
    if (code.length < LONG || !form()?.elements.packs) return false;
    form().elements.packs.value = packsWere;
    put({ code });
    return true;
  };
  document.addEventListener("keydown", (e) => {
    const at = e.target, to = field();
    if (at.name !== "packs") {
      const takes = at.matches?.("input, textarea, select, [contenteditable]") || at.closest?.("dialog");
      if (to && !takes && e.key.length === 1 && e.key !== " " && !e.ctrlKey && !e.metaKey && !e.altKey) to.focus({ preventScroll: true });
      return;
    }
    const now = performance.now(), isFast = now - pressed < FAST;
    pressed = now;
    clearTimeout(pause);
    if (e.key === "Enter") {
      e.preventDefault();
      if (!endBurst() && at.value.length > LONG) { const code = at.value; at.value = packsWere; put({ code }); }
      to?.focus({ preventScroll: true });
      return;
    }
    if (e.key.length === 1) {
      if (!isFast || !burst) { burst = ""; packsWere = at.checkValidity() ? at.value || "1" : "1"; }
      burst += e.key;
    }
    pause = setTimeout(() => { if (burst.length >= LONG && endBurst()) to?.focus({ preventScroll: true }); }, FAST * 4);
  });
  /* The band says how much the packs are that stand in the box now. */
  const count = () => {
    const title = document.querySelector("[data-each]"), packs = Number(form()?.elements.packs?.value);
    if (title && packs > 0) title.textContent = title.dataset.counts.replace("{n}", packs * Number(title.dataset.each));
  };
  document.addEventListener("input", (e) => {
    if (e.target.name !== "packs") return;
    count();
    const typed = e.target;
    setTimeout(() => { if (document.activeElement === typed && performance.now() - pressed >= PAUSE) field()?.focus({ preventScroll: true }); }, PAUSE + 20);
  });
  document.addEventListener("focusin", (e) => { if (e.target.name === "packs") e.target.select(); });
  document.addEventListener("focusout", (e) => {
    if (e.target.name === "packs" && (!e.target.value || !e.target.checkValidity())) e.target.value = "1";
  });

  const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
  let isSending = false;
  const send = async () => {
    if (isSending) return;
    isSending = true;
    for (let tries = 0; queue.length;) {
      const one = queue[0];
      /* The hand that the last answer gave: what is held there decides the next. */
      one.hand ??= form().elements.hand.value;
      keep();
      net(tries === 0);
      let answer = null;
      try {
        const body = new URLSearchParams({ ...one, csrfmiddlewaretoken: form().elements.csrfmiddlewaretoken.value });
        const limit = AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined;
        answer = await fetch(location.pathname, { method: "POST", body, headers: { "X-Part": "1" }, signal: limit });
      } catch { answer = null; }
      if (!answer || answer.status >= 500 || answer.status === 429) {
        tries += 1;
        net(false);
        await wait(Math.min(500 * 2 ** Math.min(tries, 5), 8000));
        continue;
      }
      if (answer.status === 423) { isSending = false; opened = send; shut(); return; }
      if (answer.redirected || answer.status === 403 || answer.status === 404) { location.reload(); return; }
      const html = await answer.text();
      tries = 0;
      queue.shift();
      keep();
      const typed = field()?.value || "", mode = field()?.inputMode || "none";
      all.innerHTML = html;
      scrollTo(0, 0);
      if (field()) { field().value = typed; field().inputMode = mode; }
      tick();
      document.dispatchEvent(new CustomEvent("tw:form"));
      keepBasket();
      net(true);
      refocus();
      tell(all.firstElementChild.dataset.verdict);
    }
    isSending = false;
  };
  const put = (given) => {
    queue.push({ request_id: uuid(), packs: form().elements.packs?.value || "1", ...given });
    send();
  };

  document.addEventListener("submit", (e) => {
    if (!e.target.matches("[data-scan]")) return;
    e.preventDefault();
    const key = e.submitter?.name === "key" ? e.submitter.value : "";
    const code = field()?.value || "";
    if (field()) field().value = "";
    if (key) { put({ key }); return; }
    if (!code.trim()) return;
    put({ code });
  });
  document.addEventListener("click", (e) => {
    const step = e.target.closest("[data-packs]");
    if (step) {
      const packs = form().elements.packs;
      packs.value = Math.max(1, Number(packs.value || 1) + Number(step.dataset.packs));
      count();
      refocus();
    }
    if (e.target.closest("[data-lines-key]")) {
      e.preventDefault();
      const lines = document.getElementById("lines");
      if (lines) { lines.open = !lines.open; if (lines.open) lines.scrollIntoView({ block: "nearest" }); else scrollTo(0, 0); }
      field()?.focus({ preventScroll: true });
    }
  });

  /* The camera, where there is no scanner. */
  document.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-open-camera]");
    if (!button) return;
    try {
      if (!window.twCamera) {
        await new Promise((done, failed) => {
          const script = document.createElement("script");
          Object.assign(script, { src: all.dataset.camera, onload: done, onerror: failed });
          document.head.append(script);
        });
      }
      const { library, module } = all.dataset;
      await window.twCamera.start(document.getElementById("tw-camera"), (code) => { if (field()) put({ code }); }, { library, module });
    } catch { button.title = word("camera"); button.classList.add("tw-c-bad"); }
  });
  const left = basket ? basketOf(location.pathname) : null;
  if (queue.length) send();
  else if (left && form() && !/"(basket|short|skipped)"/.test(form().elements.hand.value)) put({ key: "kept", hand: left.hand, sent: left.sent.join(","), packs: "1" });
  tell(all.firstElementChild.dataset.verdict);
  refocus();
})();
