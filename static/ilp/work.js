// For pages with files: recording one's voice on a press, and reading files where no cookie can ask for them.
(() => {
  "use strict";
  const LONGEST = 300; // seconds

  async function record(place) {
    const [start, stop] = [place.querySelector("[data-start]"), place.querySelector("[data-stop]")];
    const [sign, player] = [place.querySelector(".on-air"), place.querySelector("audio")];
    const field = place.closest(".slot").querySelector("input[type=file]");
    let stream, recorder;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true }); // only ever after a press
      recorder = new MediaRecorder(stream); // old browsers listen and cannot record
    } catch {
      stream?.getTracks().forEach((track) => track.stop());
      sign.textContent = place.dataset.refused;
      field.focus();
      return;
    }
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => {
      const seconds = parts.push(data); // a part comes every second
      if (recorder.state !== "recording") return;
      sign.textContent = `${place.dataset.onAir} ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (seconds >= LONGEST || !place.isConnected) recorder.stop();
    });
    recorder.addEventListener("stop", () => {
      stream.getTracks().forEach((track) => track.stop());
      place.classList.remove("live");
      start.hidden = false;
      stop.hidden = true;
      if (!parts.some(({ size }) => size)) {
        sign.textContent = place.dataset.refused;
        return;
      }
      const kept = new File(parts, "voice", { type: recorder.mimeType.split(";")[0] });
      const carrier = new DataTransfer();
      carrier.items.add(kept);
      field.files = carrier.files;
      player.src = URL.createObjectURL(kept);
      player.hidden = false;
      shown(field);
      sign.textContent = place.dataset.heard;
      player.focus();
      place.dispatchEvent(new Event("ilp:recorded"));
    });
    sign.textContent = place.dataset.onAir;
    place.classList.add("live");
    start.hidden = true;
    stop.hidden = false;
    stop.focus();
    stop.onclick = () => recorder.stop();
    recorder.start(1000);
  }
  document.addEventListener("click", ({ target }) => {
    const start = target.closest("[data-record] [data-start]");
    if (start) record(start.closest("[data-record]"));
  });

  // Whoever saves while they speak means what they said, too; whoever leaves is asked first.
  document.addEventListener("submit", (event) => {
    const place = event.target.querySelector(".recorder.live");
    if (!place) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    place.addEventListener("ilp:recorded", () => event.target.requestSubmit(event.submitter), { once: true });
    place.querySelector("[data-stop]").click();
  }, true);
  addEventListener("beforeunload", (event) => {
    if (document.querySelector(".recorder.live")) event.preventDefault();
  });

  // A file that is too big is told of before it is sent, and any chosen one can be left out again.
  function shown(field) {
    const slot = field.closest(".slot"), { most, tooBig } = field.closest(".slots").dataset;
    const big = field.files[0]?.size > Number(most);
    if (big) field.value = "";
    const sign = slot.querySelector("[data-big]"), leave = slot.querySelector("[data-leave]");
    if (sign) sign.textContent = big ? tooBig : "";
    if (leave) leave.hidden = !field.files.length;
  }
  document.addEventListener("change", ({ target }) => {
    if (target.matches(".slot input[type=file]")) shown(target);
  });
  document.addEventListener("click", ({ target }) => {
    const slot = target.closest("[data-leave]")?.closest(".slot");
    if (!slot) return;
    const field = slot.querySelector("input[type=file]"), player = slot.querySelector(".recorder audio");
    field.value = "";
    if (player) {
      player.hidden = true;
      slot.querySelector(".on-air").textContent = "";
    }
    shown(field);
    field.focus();
  });

  // A form that comes back with a question brings no files, and none of the words beside them: those that were chosen,
  // recorded or drawn stay as they are.
  let chosen;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    chosen = [409, 422].includes(detail.xhr.status) ? document.querySelector("form .slots") : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (chosen) document.querySelector("form .slots")?.replaceWith(chosen);
    chosen = null;
  });
  // How far they are on their way.
  document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
    const bar = target.querySelector?.("progress[data-sending]");
    if (!bar || !detail.lengthComputable || detail.total < 100_000) return;
    bar.hidden = detail.loaded >= detail.total;
    bar.value = detail.loaded / detail.total;
  });

  // Where the browser keeps no cookie, only this document can prove whose it is: it fetches each file itself. Files may
  // have a host of their own, which is told by the address the tool answers with.
  const ADDRESS = "text/uri-list";
  async function bring(holder) {
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), Accept: ADDRESS };
    let answer = await fetch(holder.dataset.file, { headers });
    if (answer.ok && answer.headers.get("Content-Type").startsWith(ADDRESS))
      answer = await fetch(await answer.text(), { credentials: "omit" });
    if (!answer.ok) return;
    const address = URL.createObjectURL(await answer.blob());
    delete holder.dataset.file;
    if (holder.localName === "a") {
      holder.href = address;
      holder.download = "file.pdf";
      return;
    }
    const { currentTime, paused = true } = holder;
    holder.src = address;
    if (currentTime) holder.currentTime = currentTime;
    if (!paused) holder.play();
  }
  // A player whose host keeps no cookie gets the first part of its file and no more; one that rested long, no more either.
  function again(holder) {
    if (!holder.matches(".media [src]") || holder.src.startsWith("blob:")) return;
    holder.dataset.file = holder.src;
    bring(holder);
  }
  document.addEventListener("error", ({ target }) => again(target), true);
  for (const holder of document.querySelectorAll(".media [src]")) // failed before this script was there
    if (holder.error || (holder.complete && !holder.naturalWidth)) again(holder);
  const bringAll = () => document.querySelectorAll("[data-file]").forEach(bring);
  document.addEventListener("htmx:afterSwap", bringAll);
  bringAll();
})();
