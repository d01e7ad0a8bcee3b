// A sheet to draw on, with a finger, a pen, a mouse or the keys. What is drawn goes with the form like any picture.
(() => {
  "use strict";
  const PEN = { black: "#1f2933", blue: "#1f5fae", red: "#b3262e", green: "#1c6640" };
  const WIDTH = 7, STEP = 16; // pixels of the sheet
  const sheets = new WeakMap();

  function sheetOf(place) {
    if (!sheets.has(place)) {
      const canvas = place.querySelector("canvas");
      const pen = { x: canvas.width / 2, y: canvas.height / 2, down: false };
      sheets.set(place, { place, canvas, strokes: [], pen, field: place.querySelector("input[type=file]") });
    }
    return sheets.get(place);
  }
  const colour = ({ place }) => PEN[place.querySelector("[type=radio]:checked").value];
  const say = ({ place }, text) => (place.querySelector("[data-said]").textContent = text);

  function paint({ canvas, strokes }) {
    const brush = canvas.getContext("2d");
    Object.assign(brush, { fillStyle: "#fff", lineWidth: WIDTH, lineCap: "round", lineJoin: "round" });
    brush.fillRect(0, 0, canvas.width, canvas.height);
    for (const { ink, points } of strokes) {
      brush.strokeStyle = ink;
      brush.beginPath();
      brush.moveTo(...points[0]);
      for (const point of points.length > 1 ? points.slice(1) : points) brush.lineTo(...point);
      brush.stroke();
    }
  }
  function showPen({ canvas, pen }) { // on the screen only: it is painted after the picture was taken
    const brush = canvas.getContext("2d");
    brush.strokeStyle = "#7a5300";
    brush.lineWidth = 3;
    brush.beginPath();
    brush.arc(pen.x, pen.y, pen.down ? 6 : 14, 0, 7);
    brush.stroke();
  }
  function keep(sheet) {
    paint(sheet);
    const carrier = new DataTransfer();
    if (!sheet.strokes.length) {
      sheet.field.files = carrier.files;
      say(sheet, sheet.place.dataset.empty);
      return;
    }
    sheet.canvas.toBlob((blob) => {
      carrier.items.add(new File([blob], "drawing.png", { type: "image/png" }));
      sheet.field.files = carrier.files;
      if (!sheet.pen.down) say(sheet, sheet.place.dataset.ready);
    });
  }
  function begin(sheet, point) {
    sheet.strokes.push({ ink: colour(sheet), points: [point] });
    paint(sheet);
  }
  function goOn(sheet, point) {
    sheet.strokes.at(-1).points.push(point);
    paint(sheet);
  }
  const pointOf = ({ canvas }, { clientX, clientY }) => {
    const place = canvas.getBoundingClientRect();
    return [((clientX - place.left) * canvas.width) / place.width, ((clientY - place.top) * canvas.height) / place.height];
  };

  document.addEventListener("pointerdown", (event) => {
    const canvas = event.target.closest?.("[data-drawing] canvas");
    if (!canvas || event.button) return;
    const sheet = sheetOf(canvas.closest("[data-drawing]"));
    canvas.setPointerCapture(event.pointerId);
    begin(sheet, pointOf(sheet, event));
    const move = (next) => goOn(sheet, pointOf(sheet, next));
    const end = () => {
      canvas.removeEventListener("pointermove", move);
      keep(sheet);
    };
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("lostpointercapture", end, { once: true });
  });

  const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  document.addEventListener("keydown", (event) => {
    const canvas = event.target.closest?.("[data-drawing] canvas");
    if (!canvas || (event.key !== " " && !WAYS[event.key])) return;
    event.preventDefault();
    const sheet = sheetOf(canvas.closest("[data-drawing]")), { pen } = sheet;
    if (event.key === " ") {
      pen.down = !pen.down;
      if (pen.down) begin(sheet, [pen.x, pen.y]);
      else keep(sheet);
      if (pen.down) say(sheet, sheet.place.dataset.down);
      else if (!sheet.strokes.length) say(sheet, sheet.place.dataset.up);
    } else {
      const [across, along] = WAYS[event.key];
      pen.x = Math.min(Math.max(pen.x + across * STEP, 0), canvas.width);
      pen.y = Math.min(Math.max(pen.y + along * STEP, 0), canvas.height);
      if (pen.down) goOn(sheet, [pen.x, pen.y]);
      else paint(sheet);
    }
    showPen(sheet);
  });
  document.addEventListener("focusout", ({ target }) => {
    const canvas = target.closest?.("[data-drawing] canvas");
    if (!canvas) return;
    const sheet = sheetOf(canvas.closest("[data-drawing]"));
    if (sheet.pen.down) {
      sheet.pen.down = false;
      keep(sheet);
    } else paint(sheet);
  });
  document.addEventListener("click", ({ target }) => {
    const press = target.closest?.("[data-drawing] :is([data-undo], [data-clear])");
    if (!press) return;
    const sheet = sheetOf(press.closest("[data-drawing]"));
    if ("undo" in press.dataset) sheet.strokes.pop();
    else sheet.strokes.length = 0;
    keep(sheet);
  });

  // An empty sheet is white in the dark too.
  const layOut = () => document.querySelectorAll("[data-drawing]").forEach((place) => paint(sheetOf(place)));
  document.addEventListener("htmx:afterSwap", layOut);
  layOut();
})();
