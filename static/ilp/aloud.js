// Reads the page aloud with the browser's own voice, part by part, and shows which part is being read.
(() => {
  "use strict";
  const { speechSynthesis: speech } = window;
  const words = document.getElementById("aloud").dataset;
  const PARTS = "h1, h2, h3, p, li, dt, dd, label, legend, summary, th, td, button, a.button";
  if (!speech) return;
  let button;

  function parts() {
    return [...document.querySelectorAll("#main :is(" + PARTS + ")")].filter(
      (part) => part !== button && part.checkVisibility() && !part.closest(".unseen") && part.innerText.trim() && !part.querySelector(PARTS)
    );
  }
  function stop() {
    speech.cancel();
    document.querySelectorAll(".spoken").forEach((part) => part.classList.remove("spoken"));
    if (button) button.lastChild.textContent = words.read;
  }
  function read() {
    if (speech.speaking) return stop();
    const language = document.documentElement.lang;
    // A voice on the device before one that would send the words elsewhere.
    const voices = speech.getVoices().filter(({ lang }) => lang.replace("_", "-").toLowerCase().startsWith(language));
    const voice = voices.find(({ localService }) => localService);
    button.lastChild.textContent = words.stop;
    const all = parts();
    all.forEach((part, place) => {
      const saying = new SpeechSynthesisUtterance(part.innerText);
      saying.lang = language;
      if (voice) saying.voice = voice;
      saying.onstart = () => { part.classList.add("spoken"); part.scrollIntoView({ block: "nearest" }); };
      saying.onend = () => { part.classList.remove("spoken"); if (place === all.length - 1) stop(); };
      speech.speak(saying);
    });
  }
  function place() {
    stop();
    const head = document.querySelector("#main .head") || document.querySelector("#main h1");
    if (!head) return;
    button = document.createElement("button");
    button.type = "button";
    button.className = "aloud";
    button.innerHTML = '<svg class="icon" aria-hidden="true"><use href="#i-aloud"></use></svg><span></span>';
    button.lastChild.textContent = words.read;
    button.addEventListener("click", read);
    head.after(button);
  }
  addEventListener("pagehide", stop);
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target?.id === "main" && place());
  document.addEventListener("htmx:historyRestore", place);
  place();
})();
