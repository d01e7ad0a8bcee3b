// For whoever looks after a school's connections: copying values, and asking the LMS whether it stores for tools.
(() => {
  "use strict";
  const say = (text) => { document.getElementById("say").textContent = text; };
  document.documentElement.classList.add("script");
  const HOW_LONG = 1500; // milliseconds an LMS has to answer

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const field = document.getElementById(copy.dataset.copy);
      field.focus();
      field.select();
      let said = copy.dataset.copied;
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        // Inside a frame the clipboard may be refused: the older way works on a selection, or the person copies it.
        if (!document.execCommand("copy")) said = copy.dataset.marked;
      }
      copy.textContent = said;
      say(said);
    }
    const form = event.target.closest("[data-storage]");
    if (form && event.target.closest("button")) report(form, await tryStorage());
  });

  // LTI Client Side postMessages 1.0: does a value that we put come back? Not every LMS that stores also says so.
  async function tryStorage() {
    const hosts = (document.body.dataset.hosts || "").split(" ").filter((origin) => /^https?:/.test(origin));
    if (window.parent === window) return "own_window";
    const key = "ilp_trial", value = crypto.randomUUID();
    await ask({ subject: "lti.put_data", key, value }, hosts);
    const got = await ask({ subject: "lti.get_data", key }, hosts);
    if (got && got.value === value) {
      await ask({ subject: "lti.put_data", key, value: null }, hosts);
      return "works";
    }
    return (await ask({ subject: "lti.capabilities" }, hosts)) ? "not_offered" : "no_answer";
  }

  function ask(question, hosts) {
    return new Promise((resolve) => {
      const message = { ...question, message_id: crypto.randomUUID() };
      const timer = setTimeout(() => done(null), HOW_LONG);
      function done(answer) {
        clearTimeout(timer);
        removeEventListener("message", hear);
        resolve(answer);
      }
      function hear(event) {
        const said = event.data;
        if (!hosts.includes(event.origin) || !said || said.message_id !== message.message_id) return;
        if (said.subject === question.subject + ".response") done(said.error ? null : said);
      }
      addEventListener("message", hear);
      const above = location.ancestorOrigins?.[0];
      for (const host of hosts) if (!above || above === host) window.parent.postMessage(message, host);
    });
  }

  async function report(form, outcome) {
    const body = new FormData(form);
    body.set("outcome", outcome);
    let words = form.dataset[outcome.replace(/_(.)/g, (_, letter) => letter.toUpperCase())];
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(body), credentials: "same-origin" });
      if (!answer.ok) words += " " + form.dataset.notKept;
    } catch {
      words += " " + form.dataset.notKept;
    }
    document.querySelector("#storage-answer span").textContent = words;
    say(words);
  }

  const show = () => document.querySelectorAll("[data-storage]").forEach((form) => { form.hidden = false; });
  document.addEventListener("htmx:afterSettle", show);
  show();
})();
