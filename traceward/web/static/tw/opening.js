/* What a recall would reach follows what is typed. Without it, a button asks. */
"use strict";
(() => {
  const PAUSE = 450;
  let waiting = 0, asking = null, last = "";
  const targets = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => /^(targets|site_id)/.test(name)));
  const look = async () => {
    const form = document.getElementById("form"), reach = document.getElementById("reach");
    if (!form || !reach) return;
    const now = targets(form);
    if (now === last) return;
    last = now;
    asking?.abort();
    asking = new AbortController();
    reach.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Look": "1" }, signal: asking.signal });
      const html = await answer.text();
      if (answer.ok) {
        const page = new DOMParser().parseFromString(html, "text/html");
        document.getElementById("reach").replaceChildren(...page.body.childNodes);
        const verb = document.querySelector("#reach [data-verb]"), send = document.querySelector("#form [data-send]");
        if (verb && send) send.textContent = verb.dataset.verb;
      }
      document.getElementById("reach").removeAttribute("aria-busy");
    } catch {
      last = "";
    }
  };
  const soon = (e) => {
    if (!e.target.closest?.("#form")) return;
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  };
  for (const what of ["input", "change", "click"]) document.addEventListener(what, soon);
})();
