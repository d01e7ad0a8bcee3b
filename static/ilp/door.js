// A family's form behind a one-time link: what is typed is kept on the server, never in a browser others may use.
(() => {
  "use strict";
  const form = document.querySelector("form[data-keep]");
  const sign = form.querySelector(".kept");
  let timer = 0;
  async function keep(last) {
    clearTimeout(timer);
    timer = 0;
    const words = new FormData(form);
    words.set("go", "keep");
    const answer = await fetch(location.pathname, { method: "POST", body: words, keepalive: last }).catch(() => null);
    sign.textContent = answer?.ok ? form.dataset.kept : form.dataset.notKept;
    if (!answer && !timer) timer = setTimeout(keep, 10000); // no connection: once more a little later
  }
  const leave = () => timer && keep(true);
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 1500);
    sign.textContent = "";
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    timer = 0;
  });
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  addEventListener("pagehide", leave);
})();
