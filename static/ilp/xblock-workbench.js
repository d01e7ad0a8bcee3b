/* The demo course's quiz: sends the answers to the block's handler and shows its marks. */
function ILPQuiz(runtime, element, data) {
  "use strict";

  var host = element instanceof Element ? element : element[0];
  var form = host.querySelector(".lms-quiz");
  var said = form.querySelector(".lms-quiz__said");
  var sets = Array.from(form.querySelectorAll("fieldset"));

  function cookie(name) {
    var found = document.cookie.split("; ").find(function (part) { return part.indexOf(name + "=") === 0; });
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  function marks(right) {
    sets.forEach(function (set, n) {
      var mark = set.querySelector(".lms-quiz__mark");
      mark.textContent = right ? (right[n] ? mark.dataset.right : mark.dataset.wrong) : "";
      mark.classList.toggle("lms-quiz__mark--right", Boolean(right && right[n]));
    });
  }

  form.addEventListener("change", function () { marks(null); });

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var answers = {};
    var missing = sets.find(function (set, n) {
      var chosen = set.querySelector("input:checked");
      if (chosen) answers[n] = Number(chosen.value);
      return !chosen;
    });
    if (missing) {
      said.textContent = data.missing;
      missing.querySelector("input").focus();
      return;
    }
    fetch(data.url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") },
      body: JSON.stringify({ answers: answers })
    }).then(function (response) {
      return response.json().then(function (answer) {
        said.textContent = response.ok ? answer.said : answer.error || data.failed;
        if (response.ok) marks(answer.right);
      });
    }).catch(function () { said.textContent = data.failed; });
  });
}
