/* Forms and pages of a row: lines, paste, Enter, scans, pickers, drafts. All works without it. */
"use strict";
(() => {
  const isField = (e) => e.matches("input:not([type=hidden], [type=file]), select, textarea");
  const fieldsOf = (form) => [...form.elements].filter((e) => isField(e) && !e.disabled && e.offsetParent);
  const goOn = (from) => {
    const all = fieldsOf(from.form);
    const next = all[all.indexOf(from) + 1] || from.form.querySelector("button[data-send], button.tw-pri");
    next.focus();
    next.select?.();
  };

  /* Pickers: the words are shown, the id travels beside them. */
  let list = null, waiting = 0;
  const shut = () => {
    list?.remove();
    list = null;
    document.querySelectorAll("[aria-expanded=true][data-pick]").forEach((e) => {
      e.ariaExpanded = "false";
      e.removeAttribute("aria-activedescendant");
    });
  };
  const hidden = (input) => input.nextElementSibling?.matches?.("[data-id]") ? input.nextElementSibling : null;
  const choose = (input, value) => {
    const chosen = /^#\d+ /.exec(value);
    hidden(input)?.remove();
    if (!chosen) { input.name = input.dataset.path; input.value = value; return; }
    const id = document.createElement("input");
    Object.assign(id, { type: "hidden", name: input.dataset.path, value });
    id.dataset.id = "";
    input.after(id);
    input.removeAttribute("name");
    input.value = value.slice(chosen[0].length);
  };
  /* Verbs whose lots are offered as their order would get them. */
  const SERVING = /^(sales\.order|transfers\.request):/;
  const valueOf = (e) => hidden(e)?.value ?? e.value;
  const put = (e, value) => {
    if (e.dataset.pick) choose(e, value);
    else if (e.matches("select")) {
      const id = /^#\d+/.exec(value)?.[0];
      if (id && ![...e.options].some((o) => o.value === id)) e.add(new Option(value.slice(id.length + 1), id));
      e.value = id || value;
    } else e.value = value;
  };
  const pathOf = (e) => e.dataset.path || e.name;
  const beside = (e, name) => {
    const path = pathOf(e).replace(/[^.]*$/, "");
    return [...e.form.elements].find((one) => isField(one) && pathOf(one) === path + name);
  };
  const offer = async (input) => {
    const asked = new URLSearchParams({ q: input.value });
    const item = beside(input, "item_id");
    const fixed = input.form.querySelector(`input[type=hidden][name="${CSS.escape(pathOf(input).replace(/[^.]*$/, "item_id"))}"]`);
    if (item || fixed) asked.set("item", item ? valueOf(item) : fixed.value);
    if (SERVING.test(input.form.dataset.draft || "")) {
      for (const [name, ids] of [["customer", ["customer_id"]], ["site", ["site_id", "from_site_id"]]]) {
        const found = [...input.form.elements].find((e) => ids.includes(pathOf(e)) || ids.includes(e.name));
        if (found) asked.set(name, isField(found) ? valueOf(found) : found.value);
      }
    }
    const answer = await fetch(input.dataset.pick + (input.dataset.pick.includes("?") ? "&" : "?") + asked);
    if (!answer.ok || document.activeElement !== input) return;
    shut();
    list = document.createElement("div");
    list.className = "tw-options";
    list.id = "tw-options";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.ariaLabel || "");
    list.innerHTML = await answer.text();
    if (!list.children.length) { list = null; return; }
    const at = input.getBoundingClientRect();
    document.body.append(list);
    input.ariaExpanded = "true";
    list.style.left = `${at.left + scrollX}px`;
    list.style.top = `${at.bottom + scrollY + 2}px`;
    list.style.minWidth = `${at.width}px`;
    list.addEventListener("mousedown", (e) => {
      e.preventDefault();
      const one = e.target.closest("[role=option]");
      if (!one || one.ariaDisabled === "true") return;
      choose(input, one.dataset.value);
      shut();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  };
  const step = (by) => {
    const all = [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
    const at = all.findIndex((one) => one.ariaSelected === "true");
    all.forEach((one) => { one.ariaSelected = "false"; });
    const to = all[(at + by + all.length) % all.length];
    if (!to) return;
    to.ariaSelected = "true";
    to.id = `tw-option-${all.indexOf(to)}`;
    document.activeElement.setAttribute("aria-activedescendant", to.id);
    to.scrollIntoView({ block: "nearest" });
  };

  /* Lines: added and removed here, and by the server where there is no script. */
  const rowsOf = (lines) => [...lines.querySelectorAll(":scope > .tw-scroll > table > tbody > tr:not(.tw-problems)")];
  const renumber = (lines) => {
    const path = lines.dataset.lines;
    rowsOf(lines).forEach((row, n) => {
      const start = new RegExp(`^${path.replaceAll(".", "\\.")}\\.\\d+`);
      row.querySelectorAll("[name], [data-path], [value]").forEach((e) => {
        for (const key of ["name", "data-path", "value"]) {
          if (key === "value" && e.name !== "less") continue;
          const now = e.getAttribute(key);
          if (now) e.setAttribute(key, now.replace(start, `${path}.${n}`));
        }
      });
    });
    const count = lines.querySelector("legend .tw-tag");
    if (count) count.textContent = rowsOf(lines).length;
  };
  const addLine = (lines) => {
    const body = lines.querySelector(":scope > .tw-scroll > table > tbody");
    const rows = rowsOf(lines), last = rows.at(-1);
    if (!last || rows.length >= 200) return null;
    const row = last.cloneNode(true);
    row.querySelectorAll(".tw-problem, .tw-units, [data-id]").forEach((e) => e.remove());
    row.querySelectorAll("[aria-invalid]").forEach((e) => e.removeAttribute("aria-invalid"));
    row.querySelectorAll(".tw-fixed").forEach((e) => { e.textContent = ""; });
    row.querySelectorAll(".tw-parts").forEach((e) => e.remove());
    row.querySelectorAll("input, textarea, select").forEach((e) => {
      if (e.dataset.path) e.name = e.dataset.path;
      e.value = e.matches("select") ? (e.querySelector("[selected]") || e.options[0])?.value ?? "" : "";
      e.removeAttribute("id");
    });
    body.append(row);
    renumber(lines);
    return row;
  };
  const paste = (e, input) => {
    const text = e.clipboardData?.getData("text") || "";
    const row = input.closest("tr");
    const lines = input.closest("[data-lines]");
    if (!row || !lines || !/[\t\n]/.test(text.trim())) return;
    e.preventDefault();
    const first = [...row.querySelectorAll("input, select, textarea")].filter(isField).indexOf(input);
    let at = row;
    for (const line of text.replace(/\r/g, "").replace(/\n$/, "").split("\n")) {
      at ||= addLine(lines);
      if (!at) break;
      const cells = [...at.querySelectorAll("input, select, textarea")].filter(isField);
      line.split("\t").forEach((value, n) => { if (cells[first + n]) put(cells[first + n], value.trim()); });
      do at = at.nextElementSibling; while (at?.matches(".tw-problems"));
    }
    lines.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /* A label scanned into a field fills what it says of the fields beside it. */
  const isLabel = (text) => /^(\]|\(01\)|\(00\)|01\d{14}|\+)/.test(text) || text.includes("\x1d");
  const readable = (parts) => {
    const made = document.createElement("span");
    made.className = "tw-parts tw-code";
    for (const [ai, value] of parts) {
      const part = document.createElement("span"), name = document.createElement("b");
      name.textContent = ai;
      part.append(name, value);
      made.append(part);
    }
    return made;
  };
  const scan = async (input) => {
    const code = input.value;
    const answer = await fetch(`/scan?code=${encodeURIComponent(code)}`);
    if (!answer.ok) return;
    const found = await answer.json();
    for (const [name, value] of Object.entries(found.fields)) {
      const field = beside(input, name);
      if (field) put(field, value);
    }
    const line = input.closest("td, label");
    line.querySelector(".tw-problem")?.remove();
    line.querySelectorAll(".tw-parts").forEach((e) => e.remove());
    line.append(...found.parts.map(readable));
    if (found.told) line.insertAdjacentHTML("beforeend", '<span class="tw-problem" role="alert"></span>');
    if (found.told) line.querySelector(".tw-problem").textContent = found.told;
  };

  /* A scanner sends one label after the other: each has a line; the same once more is one more. */
  const nextLabel = (input) => {
    const lines = input.closest("[data-lines]"), row = input.closest(".tw-entry tr");
    if (!lines || !row) return false;
    const scanned = (one) => one?.querySelector("[data-scan]");
    const rows = rowsOf(lines), before = rows.slice(0, rows.indexOf(row));
    const same = before.find((one) => scanned(one)?.value === input.value);
    const packs = (one) => scanned(one) && beside(scanned(one), "packs");
    if (same && packs(same)) {
      packs(same).value = Number(packs(same).value || 0) + 1;
      input.value = "";
      packs(same).dispatchEvent(new Event("input", { bubbles: true }));
      return true;
    }
    const next = rows[rows.indexOf(row) + 1] || addLine(lines);
    if (!next || !scanned(next) || scanned(next).value) return false;
    if (packs(row) && !packs(row).value) packs(row).value = 1;
    scan(input); // what it says comes while the next one is scanned
    scanned(next).focus();
    return true;
  };

  /* A quantity may be typed in packs: what it comes to in base units is said while typing. */
  const unitsBox = (input) => input.parentElement.querySelector(":scope > .tw-units");
  const showUnits = async (input) => {
    const path = pathOf(input).replace(/[^.]*$/, "");
    const asked = new URLSearchParams({ "~verb": input.form.dataset.verb || "", "~path": pathOf(input), "~text": input.value });
    for (const e of input.form.elements) {
      const name = e.dataset.id === "" ? e.name : pathOf(e);
      if (!/(_id|line_number)$/.test(name) || !path.startsWith(name.replace(/[^.]*$/, ""))) continue;
      if (e.value || !asked.has(name)) asked.set(name, isField(e) ? valueOf(e) : e.value);
    }
    const answer = await fetch(`/${input.dataset.units}?${asked}`);
    if (!answer.ok) return;
    const html = (await answer.text()).trim();
    const box = unitsBox(input) || Object.assign(document.createElement("span"), { className: "tw-units" });
    box.innerHTML = html;
    if (html) input.after(box); else box.remove();
  };
  document.addEventListener("mousedown", (e) => {
    const chip = e.target.closest("[data-unit]");
    if (!chip) return;
    e.preventDefault();
    const input = chip.closest(".tw-units").previousElementSibling;
    const count = /[\d,]+(?=\D*$)/.exec(input.value)?.[0] ?? "1";
    input.value = `${count} ${chip.dataset.unit}`;
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  let counting = 0, isPressed = false;
  document.addEventListener("pointerdown", () => { isPressed = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { isPressed = false; }, true);
  const count = (input, wait) => { clearTimeout(counting); counting = setTimeout(() => showUnits(input), wait); };
  document.addEventListener("focusin", (e) => { if ("units" in (e.target.dataset ?? {})) count(e.target, 0); });
  document.addEventListener("focusout", (e) => {
    if (!("units" in (e.target.dataset ?? {}))) return;
    const drop = () => unitsBox(e.target)?.querySelectorAll("button").forEach((one) => one.remove());
    if (isPressed) document.addEventListener("pointerup", () => setTimeout(drop), { once: true });
    else drop(); // what is being pressed stays where it is until it is let go
  });
  document.addEventListener("input", (e) => { if ("units" in (e.target.dataset ?? {})) count(e.target, 200); });

  /* What was begun stays in this browser until it is sent, for its person alone; nothing private. */
  const PREFIX = "tw-draft:";
  const keyOf = (form) => `${PREFIX}${form.dataset.person}:${form.dataset.draft}`;
  const kept = (form) => [...form.elements].filter((e) => e.name && (isField(e) || "id" in e.dataset)
    && e.type !== "password" && e.type !== "checkbox" && e.value !== "~" && !("private" in e.dataset));
  const keep = (form) => {
    const values = kept(form).map((e) => [e.name, e.value]);
    try {
      localStorage.setItem(keyOf(form), JSON.stringify({ person: form.dataset.person, at: Date.now(), values }));
    } catch { /* no room: the form itself still has it */ }
  };
  const drafts = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  const restore = (form, values) => {
    for (const [name, value] of values) {
      for (let tries = 0; tries < 200; tries += 1) {
        const field = [...form.elements].find((e) => isField(e) && pathOf(e) === name);
        if (field) { put(field, value); break; }
        const lines = [...form.querySelectorAll("[data-lines]")].find((e) => name.startsWith(`${e.dataset.lines}.`));
        if (!lines || !addLine(lines)) break;
      }
    }
  };
  const offerDraft = (form) => {
    const key = keyOf(form);
    const found = JSON.parse(localStorage.getItem(key) || "null");
    const box = form.querySelector("[data-restore]");
    if (!found || !box || document.querySelector("[aria-invalid=true], .tw-conflict")) return;
    const now = new Map(kept(form).map((e) => [e.name, e.value]));
    if (found.values.every(([name, value]) => (now.get(name) ?? "") === value)) return;
    box.hidden = false;
    box.querySelector("[data-take]").addEventListener("click", () => { restore(form, found.values); box.hidden = true; });
    box.querySelector("[data-drop]").addEventListener("click", () => { localStorage.removeItem(key); box.hidden = true; });
  };

  const MOST_TOLD = 60;
  const summary = (form) => {
    const box = form.querySelector("[data-summary]");
    if (!box) return;
    const all = [...form.elements].filter((e) => isField(e) && !/^(password|checkbox)$/.test(e.type) && e.value.trim() && e.getAttribute("aria-label"));
    let goods = "";
    const told = all.slice(0, MOST_TOLD).map((e) => {
      const about = [e.closest(".tw-line")?.querySelector(".tw-fixed"), e.closest("tr")?.querySelector("[data-about], .tw-fixed")]
        .map((one) => one?.textContent.trim()).filter(Boolean).join(", ");
      const head = about && about !== goods ? `${about}: ` : "";
      goods = about;
      return `${head}${e.getAttribute("aria-label")} ${e.selectedOptions ? e.selectedOptions[0]?.text : e.value}`;
    });
    box.textContent = told.join(" · ") + (all.length > MOST_TOLD ? " …" : "");
  };
  const fieldIn = (cell) => cell && [...cell.querySelectorAll("input, select, textarea")].find(isField);
  const columnOf = (button) => {
    const rows = rowsOf(button.closest("[data-lines]"));
    const { fill } = button.dataset;
    if (fill) return rows.map((row) => [...row.querySelectorAll("input, select, textarea")].find((e) => isField(e) && pathOf(e).endsWith(`.${fill}`)));
    const at = button.closest("th").cellIndex;
    return rows.map((row) => fieldIn(row.cells[at]));
  };
  const pickers = (form) => form.querySelectorAll("[data-pick]").forEach((e) => {
    e.dataset.path = e.name;
    Object.assign(e, { role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false" });
    e.setAttribute("aria-controls", "tw-options");
    if (/^#\d+ /.test(e.value)) choose(e, e.value);
  });
  const begin = (form) => {
    pickers(form);
    form.querySelectorAll("[data-fill]").forEach((one) => { one.hidden = !columnOf(one).some((e) => e && !valueOf(e)); });
    drafts().forEach((key) => {
      const found = JSON.parse(localStorage.getItem(key) || "null");
      if (!found || !key.startsWith(`${PREFIX}${found.person}:`) || Date.now() - found.at > 7 * 864e5) localStorage.removeItem(key);
    });
    offerDraft(form);
    summary(form);
    form.addEventListener("submit", () => { if (form.dataset.draft) sessionStorage.setItem("tw-sent", keyOf(form)); });
  };

  /* What is refused comes back in its place: the way back leads to where one came from. */
  const sendHere = async (form, by) => {
    form.dataset.busy = "";
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new FormData(form, by), headers: { "X-Form": "1" } });
    } catch {
      delete form.dataset.busy;
      form.submit();
      return;
    }
    const next = answer.headers.get("X-Next");
    if (next || answer.redirected) { location.assign(next || answer.url); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.getElementById("main");
    if (!main) { location.reload(); return; }
    sessionStorage.removeItem("tw-sent");
    document.getElementById("main").replaceChildren(...main.childNodes);
    const made = document.getElementById("form");
    made?.querySelectorAll("input[type=file]").forEach((e) => {
      const before = [...form.elements].find((one) => one.type === "file" && one.name === e.name);
      if (before?.files.length) e.files = before.files;
    });
    if (made) {
      localStorage.removeItem(keyOf(made));
      begin(made);
      keep(made);
      made.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const wrong = document.querySelector("#form [aria-invalid=true]");
    if (wrong) { wrong.focus(); wrong.scrollIntoView({ block: "center" }); }
    else if (!by?.name) document.getElementById("main").scrollIntoView();
  };
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.id !== "form" || !form.dataset.draft || e.defaultPrevented) return;
    e.preventDefault();
    if (!("busy" in form.dataset)) sendHere(form, e.submitter);
  });

  const sent = sessionStorage.getItem("tw-sent");
  const here = document.getElementById("form");
  if (sent) {
    sessionStorage.removeItem("tw-sent");
    if (!here || keyOf(here) !== sent) localStorage.removeItem(sent);
  }
  if (here) begin(here);
  document.querySelectorAll("form.tw-asking").forEach(pickers);
  document.querySelector("[data-now] [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.addEventListener("htmx:afterSwap", (e) => e.detail.target.querySelectorAll?.("form:not([data-draft])").forEach(pickers));
  document.addEventListener("htmx:afterSwap", (e) => { const form = e.detail.target.querySelector?.("#form"); if (form) begin(form); });

  /* Too large is said before it is sent. */
  document.addEventListener("change", (e) => {
    if (e.target.type !== "file") return;
    const { most, tooLarge } = e.target.dataset;
    e.target.setCustomValidity([...e.target.files].some((file) => file.size > Number(most)) ? tooLarge : "");
    e.target.reportValidity();
  });

  let saving = 0;
  document.addEventListener("input", (e) => {
    const form = e.target.closest("form[data-draft]");
    const { pick } = e.target.dataset;
    if (pick && e.target.dataset.path) {
      const text = e.target.value;
      choose(e.target, "");
      e.target.value = text;
      clearTimeout(waiting);
      waiting = setTimeout(() => offer(e.target), 200);
    }
    if (!form) return;
    if (e.target.getAttribute("aria-invalid") === "true") {
      e.target.removeAttribute("aria-invalid");
      document.getElementById(e.target.getAttribute("aria-describedby"))?.replaceChildren();
    }
    clearTimeout(saving);
    saving = setTimeout(() => { keep(form); summary(form); }, 300);
  });
  document.addEventListener("focusin", (e) => {
    if (e.target.dataset?.pick && !e.target.value) offer(e.target);
  });
  document.addEventListener("focusout", (e) => { if (e.target.dataset?.pick) shut(); });
  document.addEventListener("paste", (e) => { if (e.target.closest?.("form[data-draft]")) paste(e, e.target); });
  /* What the first line says goes into the lines below that say nothing. */
  const fillDown = (button) => {
    const cells = columnOf(button);
    const first = cells.find((one) => one && valueOf(one));
    if (!first) { cells[0]?.focus(); return; }
    for (const one of cells) if (one && !valueOf(one)) put(one, first.dataset.pick ? `${valueOf(first)}` : valueOf(first));
    first.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("click", (e) => {
    const fill = e.target.closest("button[data-fill]");
    if (fill) { fillDown(fill); return; }
    const more = e.target.closest("button[name=more]");
    const lines = more?.closest("[data-lines]");
    if (lines && lines.querySelector(":scope > .tw-scroll")) {
      const row = addLine(lines);
      if (row) { e.preventDefault(); row.querySelector("input:not([type=hidden]), select, textarea")?.focus(); }
      return;
    }
    const less = e.target.closest(".tw-entry button[name=less]");
    if (!less) return;
    const own = less.closest("[data-lines]"), row = less.closest("tr");
    if (rowsOf(own).length < 2) return;
    e.preventDefault();
    while (row.nextElementSibling?.matches(".tw-problems")) row.nextElementSibling.remove();
    const beside = row.nextElementSibling || rowsOf(own).at(-2);
    row.remove();
    beside.querySelector("button[name=less]").focus();
    renumber(own);
    own.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("keydown", async (e) => {
    if (list && (e.key === "ArrowDown" || e.key === "ArrowUp")) { step(e.key === "ArrowDown" ? 1 : -1); e.preventDefault(); return; }
    if (list && e.key === "Escape") { shut(); e.preventDefault(); return; }
    const form = e.target.closest?.("form[data-draft]");
    if (e.key !== "Enter") return;
    if (form && (e.ctrlKey || e.metaKey)) { e.preventDefault(); form.requestSubmit(form.querySelector("button[data-send], button.tw-pri")); return; }
    if (e.target.matches("button, a, summary")) return;
    const on = list?.querySelector("[aria-selected=true]");
    if (on) { e.preventDefault(); choose(e.target, on.dataset.value); shut(); }
    if (!form) return;
    const isCell = e.target.closest(".tw-entry") && !e.shiftKey;
    if (e.target.matches("textarea") && !isCell && !("scan" in e.target.dataset)) return;
    e.preventDefault();
    shut();
    const isScanned = "scan" in e.target.dataset && isLabel(e.target.value);
    if (isScanned && nextLabel(e.target)) return;
    if (isScanned) await scan(e.target);
    goOn(e.target);
  }, true);
})();
