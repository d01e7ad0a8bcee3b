// For pages with files: recording one's voice on a press, and reading files where no cookie can ask for them.
(() => {
  "use strict";
  const LONGEST = 300; // seconds

  async function record(place) {
    const [start, stop] = [place.querySelector("[data-start]"), place.querySelector("[data-stop]")];
    const [sign, player] = [place.querySelector(".on-air"), place.querySelector("audio")];
    const field = place.closest(".slot").querySelector("input[type=file]");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true }); // only ever after a press
    } catch {
      sign.textContent = place.dataset.refused;
      field.focus();
      return;
    }
    const recorder = new MediaRecorder(stream), parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => {
      const seconds = parts.push(data); // a part comes every second
      if (recorder.state !== "recording") return;
      sign.textContent = `${place.dataset.onAir} ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (seconds >= LONGEST || !place.isConnected) recorder.stop();
    });
    recorder.addEventListener("stop", () => {
      stream.getTracks().forEach((track) => track.stop());
      place.classList.remove("live");
      const kept = new File(parts, "voice", { type: recorder.mimeType.split(";")[0] });
      const carrier = new DataTransfer();
      carrier.items.add(kept);
      field.files = carrier.files;
      player.src = URL.createObjectURL(kept);
      player.hidden = start.hidden = false;
      start.hidden = false;
      stop.hidden = true;
      sign.textContent = place.dataset.heard;
      player.focus();
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

  // Where the browser keeps no cookie, only this document can prove whose it is: it fetches each file itself.
  async function bring(holder) {
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await fetch(holder.dataset.file, { headers });
    if (!answer.ok) return;
    const address = URL.createObjectURL(await answer.blob());
    if (holder.localName === "a") {
      holder.href = address;
      holder.download = "file.pdf";
    } else holder.src = address;
    delete holder.dataset.file;
  }
  const bringAll = () => document.querySelectorAll("[data-file]").forEach(bring);
  document.addEventListener("htmx:afterSwap", bringAll);
  bringAll();
})();
