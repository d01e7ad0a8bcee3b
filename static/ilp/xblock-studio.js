/* The author's form: choose activities, find one by typing, save; take what was chosen at the tool in another tab. */
function ILPStudio(runtime, element, data) {
  "use strict";

  var host = element instanceof Element ? element : element[0];
  var form = host.querySelector(".ilp-studio");
  var choices = form.querySelector(".ilp-studio__choices");
  var find = form.querySelector(".ilp-studio__find");
  var said = form.querySelector(".ilp-studio__said");

  function cookie(name) {
    var found = document.cookie.split("; ").find(function (part) { return part.indexOf(name + "=") === 0; });
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  function notify(name, detail) {
    if (runtime && runtime.notify) runtime.notify(name, detail);
  }

  form.addEventListener("change", function (event) {
    if (event.target.name === "scope") choices.hidden = form.elements.scope.value !== "chosen";
  });

  // Studio shows the form in a dialog, without buttons of its own (`editor-with-buttons`), and closes it when told.
  var cancel = form.querySelector(".ilp-studio__cancel");
  cancel.hidden = !host.closest(".modal-editor, .edit-xblock-modal");
  cancel.addEventListener("click", function () { notify("cancel", {}); });

  find.addEventListener("input", function () {
    var wanted = find.value.trim().toLocaleLowerCase();
    choices.querySelectorAll("li").forEach(function (item) {
      item.hidden = wanted !== "" && item.textContent.toLocaleLowerCase().indexOf(wanted) < 0;
    });
  });

  find.addEventListener("keydown", function (event) {
    if (event.key === "Enter") event.preventDefault();
  });

  var shown = form.querySelector(".ilp-studio__shown");
  var clear = form.querySelector(".ilp-studio__clear");

  function post(url, body) {
    return fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") },
      body: JSON.stringify(body)
    });
  }

  function show(response) {
    return response.json().then(function (answer) {
      if (!response.ok) said.textContent = answer.error || data.failed;
      else if (answer.taken) {
        shown.textContent = answer.said;
        clear.hidden = !answer.title;
      }
    });
  }

  function take() {
    if (document.visibilityState !== "visible" || !form.isConnected) return;
    post(data.take, {}).then(show).catch(function () { said.textContent = data.failed; });
  }

  if (clear) {
    clear.addEventListener("click", function () {
      post(data.clear, {}).then(show).catch(function () { said.textContent = data.failed; });
    });
  }
  if (data.take && shown) {
    take();
    document.addEventListener("visibilitychange", take);
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var chosen = Array.from(form.querySelectorAll("input[name=activity]:checked"), function (box) { return box.value; });
    said.textContent = data.saving;
    notify("save", { state: "start", message: data.saving });
    post(data.url, {
      display_name: form.elements.display_name.value,
      activity_ids: form.elements.scope.value === "chosen" ? chosen : null
    }).then(function (response) {
      return response.json().then(function (answer) {
        said.textContent = response.ok ? data.saved : answer.error || data.failed;
        if (response.ok) notify("save", { state: "end" });
        else notify("error", { title: data.failed, message: said.textContent });
      });
    }).catch(function () {
      said.textContent = data.failed;
      notify("error", { title: data.failed, message: data.failed });
    });
  });
}
