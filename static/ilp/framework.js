// Beside the text of a framework: the numbers of its lines, those to mend marked, and the way from a problem to its line.
(() => {
  "use strict";
  function dress() {
    const text = document.getElementById("text");
    if (!text || text.dataset.dressed) return;
    text.dataset.dressed = "yes";
    const numbers = Object.assign(document.createElement("div"), { className: "numbers", ariaHidden: "true" });
    text.before(numbers);
    let count = 0;
    const draw = () => {
      const lines = text.value.split("\n").length;
      if (lines !== count) {
        count = lines;
        numbers.replaceChildren(...Array.from({ length: lines }, (_, line) => Object.assign(document.createElement("span"), { textContent: line + 1 })));
      }
      mark();
      numbers.scrollTop = text.scrollTop;
    };
    text.addEventListener("input", draw);
    text.addEventListener("scroll", () => (numbers.scrollTop = text.scrollTop));
    draw();
  }
  function mark() {
    const wrong = new Set((document.getElementById("preview")?.dataset.lines || "").split(" ").filter(Boolean));
    document.querySelectorAll(".numbers span").forEach((span, line) => span.classList.toggle("wrong", wrong.has(String(line + 1))));
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    const text = document.getElementById("text");
    if (!link || !text) return;
    event.preventDefault();
    const lines = text.value.split("\n");
    const line = Number(link.dataset.line) - 1;
    const begin = lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
    text.focus({ preventScroll: true });
    text.setSelectionRange(begin, begin + (lines[line] || "").length);
    text.scrollTop = Math.max(0, line - 4) * parseFloat(getComputedStyle(text).lineHeight);
    text.scrollIntoView({ block: "start" });
  });
  document.addEventListener("htmx:afterSettle", () => { dress(); mark(); });
  dress();
})();
