// What the pages need beyond links and forms: the host page's messages, reading again while in use, drafts, focus.
// No web storage: in a frame with third-party storage blocked it throws, and it would hold a child's words.
(() => {
  "use strict";
  const { body } = document;
  document.documentElement.classList.add("script");

  // Scripts that only some pages need are loaded with the first such page, by this script's own leave.
  const { nonce } = document.currentScript;
  const scripts = new Set();
  function fetchScripts() {
    for (const { dataset } of document.querySelectorAll("[data-script]")) {
      if (scripts.has(dataset.script)) continue;
      scripts.add(dataset.script);
      body.append(Object.assign(document.createElement("script"), { src: dataset.script, nonce }));
    }
  }
  fetchScripts();

  // The host page. Its origins come from the session; anything from elsewhere is not heard and not told.
  const hosts = (body.dataset.hosts || "").split(" ").filter((origin) => /^https?:/.test(origin));
  const above = location.ancestorOrigins?.[0];
  const tell = (message) => {
    if (window.parent === window) return;
    for (const origin of hosts) if (!above || above === origin) window.parent.postMessage(message, origin);
  };
  addEventListener("message", (event) => {
    if (event.source !== window.parent || !hosts.includes(event.origin)) return;
    if (event.data?.subject === "ilp.activity") wake(500, 2000);
  });
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height !== told) tell({ subject: "lti.frameResize", height: (told = height) });
  }).observe(body);

  // Reading again: every few seconds while somebody is here, ever less often after that, never while hidden.
  const QUICK = 4000, SLOW = 60000, ACTIVE = 60000;
  let pace = QUICK, quickUntil = 0, timer = 0, ended = false, left = false, used = false;
  const live = () => document.getElementById("live");
  function plan(delay) {
    clearTimeout(timer);
    if (!ended && !document.hidden) timer = setTimeout(read, delay);
  }
  function read() {
    if (live()) htmx.trigger("#reader", "ilp:read");
    if (Date.now() > quickUntil) pace = Math.min(Math.max(pace, QUICK) * 1.6, SLOW);
    plan("calm" in (live()?.dataset || {}) ? Math.max(pace, 15000) : pace);
  }
  function wake(delay = 1000, newPace = QUICK) {
    used = true; // somebody is here, or at work in the unit: told with the next read, which else keeps no session alive
    pace = newPace;
    quickUntil = Date.now() + (newPace < QUICK ? 20000 : ACTIVE);
    plan(delay);
  }
  for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => (used = true), { passive: true });
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!used || detail.elt.id !== "reader") return;
    detail.parameters.used = 1;
    used = false;
  });
  addEventListener("focus", () => wake());
  document.addEventListener("visibilitychange", () => (document.hidden ? keepAll() : wake()));

  // Drafts: one second after the last key, a field's words are kept on the server.
  const waiting = new Map(), unkept = new Set();
  const hidden = (field, name) => field.form?.querySelector(`[name=${name}]`)?.value;
  // Where a field is kept: by its own name among the page's, else by its form's. A form that names itself keeps all.
  const placeOf = (field) => {
    const subject = field.dataset?.draft && hidden(field, "ilp_subject");
    if (subject) return [subject, field.dataset.draft];
    const [about, form] = hidden(field, "ilp_words")?.split(" ") || [];
    if (!about || !field.name || /^(hidden|file|search|submit|button)$/.test(field.type)) return null;
    return field.closest("[data-drawing]") ? null : [about, `${form}:${field.name}`];
  };
  const ticked = (field) => [...field.form.elements].filter((box) => box.name === field.name && box.checked);
  const said = (field) =>
    field.type === "checkbox" ? ticked(field).map((box) => box.value).join("\n") || "\n" : field.value;
  const sign = (field, text) => {
    const place = field.form?.querySelector("[data-kept]");
    if (place && place.textContent !== text) place.textContent = text;
  };
  async function keep(field) {
    clearTimeout(waiting.get(field));
    waiting.delete(field);
    const form = new FormData();
    const [subject, name] = placeOf(field);
    form.set("ilp_subject", subject);
    form.set("field", name);
    form.set("text", said(field));
    try {
      const headers = JSON.parse(body.getAttribute("hx-headers"));
      const answer = await fetch(body.dataset.draftUrl, { method: "POST", body: form, headers, keepalive: true });
      const { kept = false, ended: over = false } = answer.ok ? await answer.json() : {};
      sign(field, kept ? body.dataset.kept : body.dataset.notKept);
      unkept.delete(field);
      if (answer.status === 401) { // "I'm done", perhaps in another tab: nothing is kept any more, so leaving asks first
        unkept.add(field);
        if (!left) notice("left");
        ended = left = true;
      } else if (over) finish();
    } catch {
      sign(field, body.dataset.notKept);
      unkept.add(field); // no connection: once more when it is back, and every so often until then
      setTimeout(keepLost, 10000);
    }
  }
  const keepLost = () => left || [...unkept].forEach((field) => (field.isConnected ? keep(field) : unkept.delete(field)));
  addEventListener("online", keepLost);
  // What the server does not hold yet: words while there is no connection, and photos or recordings not sent yet.
  let sending = false;
  const files = () => [...document.querySelectorAll("input[type=file]")].some((field) => field.files.length);
  addEventListener("beforeunload", (event) => {
    const typed = [...unkept, ...(navigator.onLine ? [] : waiting.keys())].some((field) => field.isConnected);
    if (typed || (files() && !sending)) event.preventDefault();
  });
  const keepAll = () => [...waiting.keys()].forEach(keep);
  addEventListener("pagehide", keepAll);
  document.addEventListener("input", ({ target }) => {
    if (!placeOf(target)) return;
    clearTimeout(waiting.get(target));
    waiting.set(target, setTimeout(keep, 1000, target));
    sign(target, "");
  });
  document.addEventListener("submit", ({ target }) => {
    sending = true;
    setTimeout(() => (sending = false), 1000);
    for (const [field, wait] of waiting) if (field.form === target) { clearTimeout(wait); waiting.delete(field); }
  });
  // What was typed into forms that name themselves comes back into them; nothing of it lies in the browser.
  async function bringBack() {
    const named = [...document.querySelectorAll("form [name=ilp_words]")];
    if (!named.length) return;
    const headers = JSON.parse(body.getAttribute("hx-headers"));
    const answer = await fetch(named[0].dataset.begun, { headers }).catch(() => null);
    const { words = {} } = answer?.ok ? await answer.json() : {};
    for (const { form } of named) for (const field of form.elements) {
      const [about, name] = placeOf(field) || [], text = about?.startsWith("about:") ? words[name] : undefined;
      if (text === undefined || waiting.has(field)) continue;
      if (/^(checkbox|radio)$/.test(field.type)) {
        const on = text.split("\n").includes(field.value);
        if (on === field.checked) continue;
        field.checked = on;
      } else if (field.value !== text) {
        if (field.options && ![...field.options].some((option) => option.value === text)) continue;
        field.value = text;
      } else continue;
      for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
      sign(field, body.dataset.kept);
    }
  }
  function finish() {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    notice("ended");
  }

  // What a swap does to somebody who reads with a keyboard or a screen reader.
  const notice = (name) => {
    const place = document.getElementById("notice");
    place.replaceChildren(document.getElementById(name).content.cloneNode(true));
    place.scrollIntoView({ block: "nearest" });
  };
  let open = [], news = live()?.dataset.say;
  document.addEventListener("htmx:beforeRequest", keepAll);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    open = [...document.querySelectorAll("#live details[open]")].map((details) => details.id);
    if (detail.xhr.status === 401) { ended = true; clearTimeout(timer); }
    else if (detail.target?.id === "main") document.getElementById("notice").replaceChildren();
  });
  function arrive() {
    const place = document.querySelector("#main [data-focus]") || document.querySelector("#main h1");
    if (place) { place.tabIndex = -1; place.focus(); }
    news = live()?.dataset.say;
    bringBack();
    wake();
  }
  document.addEventListener("htmx:historyRestore", arrive);
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const place = detail.target?.id;
    fetchScripts();
    if (place === "main") arrive();
    else if (place === "notice") detail.target.focus();
    else if (place === "live") {
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      const say = live()?.dataset.say;
      if (say && say !== news) document.getElementById("say").textContent = news = say;
    }
  });
  // A request that did not get through is said at once; a reading that did not, only when it goes on.
  let missed = 0;
  for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(trouble, ({ detail }) => {
      if (trouble === "htmx:responseError" && detail.xhr.status < 500) return;
      if (detail.elt.id !== "reader") notice("trouble");
      else if (++missed === 3) notice("stale");
    });
  }
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt.id !== "reader" || !detail.successful) return;
    if (missed >= 3) document.getElementById("notice").replaceChildren();
    missed = 0;
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) window.print();
    const shut = target.closest("[data-shut]");
    if (!shut) return;
    const details = document.getElementById(shut.dataset.shut);
    details.open = false;
    details.querySelector("summary").focus();
  });

  tell({ subject: "ilp.ready" });
  bringBack();
  wake();
})();
