/* Security keys, and printing and copying what is shown once. */
"use strict";
(() => {
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const create = (asked) => navigator.credentials.create({ publicKey: {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: known(asked.excludeCredentials),
  } });
  const get = (asked) => navigator.credentials.get({ publicKey: {
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: known(asked.allowCredentials),
  } });
  const plain = (made) => {
    const given = made.response;
    const response = { clientDataJSON: text(given.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (given[name]) response[name] = text(given[name]);
    }
    return JSON.stringify({
      id: made.id, rawId: text(made.rawId), type: made.type, response,
      clientExtensionResults: made.getClientExtensionResults(),
    });
  };
  const asking = (form, options, ask) => {
    const failed = form.querySelector("[data-failed]");
    const send = async () => {
      failed.hidden = true;
      try {
        form.elements.answer.value = plain(await ask(JSON.parse(options).publicKey));
        form.submit();
      } catch {
        failed.hidden = false;
      }
    };
    form.addEventListener("submit", (e) => { e.preventDefault(); send(); });
    form.querySelector("button[type=button]")?.addEventListener("click", send);
  };
  document.querySelectorAll("[data-key-create]").forEach((form) =>
    asking(form, form.dataset.keyCreate, create));
  document.querySelectorAll("[data-key-get]").forEach((form) =>
    asking(form, form.dataset.keyGet, get));
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
  document.querySelectorAll("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () =>
      navigator.clipboard.writeText(button.dataset.copy.trim().replace(/ /g, "\n")));
  });
})();
