/* The panel's host side: starts the tool's frame when the unit is idle, and talks with it by postMessage.
   Only messages of the tool's origin from our own frame are heard; answers go to exactly that origin. */
function ILPBlock(runtime, element, data) {
  "use strict";

  var MIN_HEIGHT = 120;
  var MAX_HEIGHT = 4000;
  var STORE_KEYS = 20; // LTI platform storage: kept in this page's memory only
  var STORE_CHARACTERS = 4096;
  var ACTIVITY_PAUSE_MS = 1000;

  var host = element instanceof Element ? element : element[0];
  var panel = host.querySelector(".ilp-panel");
  var said = panel.querySelector(".ilp-panel__said");
  var failed = panel.querySelector(".ilp-panel__failed");
  var place = panel.querySelector(".ilp-panel__frame");
  var title = panel.querySelector(".ilp-panel__title").textContent;
  var frame = null;
  var timer = null;
  var store = new Map();
  var lastActivity = 0;

  function show(state) {
    panel.dataset.state = state;
    panel.setAttribute("aria-busy", state === "loading" ? "true" : "false");
    failed.hidden = state !== "failed";
    failed.firstElementChild.textContent = state === "failed" ? data.failed : "";
    said.textContent = state === "loading" ? data.loading : state === "failed" ? data.failed : data.shown;
  }

  function start() {
    window.clearTimeout(timer);
    if (frame) frame.remove();
    store.clear();
    show("loading");
    frame = document.createElement("iframe");
    frame.title = title;
    frame.setAttribute("allow", "camera; microphone"); // asked for by a press in the log, and the browser asks again
    frame.loading = "eager";
    frame.src = data.url;
    place.appendChild(frame);
    timer = window.setTimeout(function () {
      if (panel.dataset.state === "loading") show("failed");
    }, data.timeout);
  }

  function ready() {
    window.clearTimeout(timer);
    if (panel.dataset.state !== "ready") show("ready");
  }

  function resize(height) {
    if (typeof height !== "number" || !isFinite(height) || !frame) return;
    frame.style.blockSize = Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, Math.ceil(height))) + "px";
  }

  function send(message) {
    if (frame && frame.contentWindow) frame.contentWindow.postMessage(message, data.origin);
  }

  function isText(value, most) {
    return typeof value === "string" && value.length > 0 && value.length <= most;
  }

  function refuse(message, code, text) {
    send({
      subject: message.subject + ".response",
      message_id: message.message_id,
      error: { code: code, message: text }
    });
  }

  // LTI Client Side postMessages 0.1 and LTI postMessage Storage 0.1.
  var answers = {
    "lti.capabilities": function (message) {
      send({
        subject: "lti.capabilities.response",
        message_id: message.message_id,
        supported_messages: [
          { subject: "lti.capabilities" },
          { subject: "lti.frameResize" },
          { subject: "lti.put_data", frame: "_parent" },
          { subject: "lti.get_data", frame: "_parent" }
        ]
      });
    },
    "lti.put_data": function (message) {
      if (!isText(message.key, 255)) return refuse(message, "bad_request", "key is not a short string");
      if (message.value === null || message.value === undefined) {
        store.delete(message.key);
      } else if (typeof message.value !== "string") {
        return refuse(message, "bad_request", "value is not a string");
      } else if (message.value.length > STORE_CHARACTERS || (!store.has(message.key) && store.size >= STORE_KEYS)) {
        return refuse(message, "storage_exhaustion", "no more room");
      } else {
        store.set(message.key, message.value);
      }
      send({
        subject: "lti.put_data.response",
        message_id: message.message_id,
        key: message.key,
        value: message.value === undefined ? null : message.value
      });
    },
    "lti.get_data": function (message) {
      if (!isText(message.key, 255)) return refuse(message, "bad_request", "key is not a short string");
      send({
        subject: "lti.get_data.response",
        message_id: message.message_id,
        key: message.key,
        value: store.has(message.key) ? store.get(message.key) : null
      });
    }
  };

  function hear(event) {
    var message = event.data;
    if (!frame || event.source !== frame.contentWindow || event.origin !== data.origin) return;
    if (!message || typeof message !== "object" || typeof message.subject !== "string") return;
    if (message.subject === "ilp.ready") return ready();
    if (message.subject === "lti.frameResize") return resize(message.height);
    if (Object.prototype.hasOwnProperty.call(answers, message.subject) && isText(message.message_id, 255)) {
      answers[message.subject](message);
    }
  }

  function activity() {
    var now = Date.now();
    if (panel.dataset.state !== "ready" || now - lastActivity < ACTIVITY_PAUSE_MS) return;
    lastActivity = now;
    send({ subject: "ilp.activity" });
  }

  function whenIdle(work) {
    function later() {
      if (window.requestIdleCallback) window.requestIdleCallback(work, { timeout: 2000 });
      else window.setTimeout(work, 200);
    }
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", later);
    else later();
  }

  window.addEventListener("message", hear);
  var unit = host.closest("[data-ilp-unit], .vert-mod, .xblock-student_view-vertical") || document;
  ["click", "submit"].forEach(function (kind) {
    unit.addEventListener(kind, function (event) {
      if (!panel.contains(event.target)) activity();
    }, true);
  });
  panel.querySelector(".ilp-panel__retry").addEventListener("click", function () {
    start();
    panel.setAttribute("tabindex", "-1");
    panel.focus({ preventScroll: true });
  });
  whenIdle(start);
}
