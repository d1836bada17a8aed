// The reference as a waveform, with the playhead and a loop whose ends can be dragged.
import { make } from "./parts.js";

const COLUMNS = 600, HEIGHT = 100;

/** @param {import("./player.js").Player} player */
export function wave(player) {
  const left = make("div", { className: "outside" }), right = make("div", { className: "outside right" });
  const head = make("div", { className: "head" });
  const ends = { start: end("start", "Start of the loop"), end: end("end", "End of the loop") };
  const box = make("div", { className: "wave" }, picture(player.tracks[0]), left, right, head, ends.start, ends.end);

  /** @param {PointerEvent | MouseEvent} event */
  const place = (event) => {
    const edge = box.getBoundingClientRect();
    return ((event.clientX - edge.left) / edge.width) * player.samples;
  };

  /** @param {"start" | "end"} which @param {string} label */
  function end(which, label) {
    const handle = make("div", { className: `end ${which}`, role: "slider", tabIndex: 0, "aria-label": label, "aria-valuemin": 0 });
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) player.bound(which, place(event));
    });
    handle.addEventListener("click", (event) => event.stopPropagation());
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 0.1, ArrowLeft: -0.1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      player.bound(which, player[which] + step * player.rate);
    });
    return handle;
  }

  box.addEventListener("click", (event) => player.seek(place(event)));
  const percent = (/** @type {number} */ sample) => `${(100 * sample) / player.samples}%`;

  return {
    box,
    draw() {
      head.style.left = percent(Math.min(player.position, player.samples));
      left.style.width = ends.start.style.left = percent(player.start);
      right.style.left = ends.end.style.left = percent(player.end);
      for (const which of /** @type {const} */ (["start", "end"])) {
        ends[which].setAttribute("aria-valuemax", (player.samples / player.rate).toFixed(2));
        ends[which].setAttribute("aria-valuenow", (player[which] / player.rate).toFixed(2));
        ends[which].setAttribute("aria-valuetext", `${(player[which] / player.rate).toFixed(2)} s`);
      }
    },
  };
}

/** Draw the largest and smallest samples of each column. @param {Float32Array[]} track */
function picture([left, right]) {
  const up = [], down = [], width = left.length / COLUMNS;
  let most = 1e-6;
  for (let column = 0; column < COLUMNS; column++) {
    let high = 0, low = 0;
    for (let i = Math.floor(column * width); i < Math.floor((column + 1) * width); i++) {
      high = Math.max(high, left[i], right[i]);
      low = Math.min(low, left[i], right[i]);
    }
    most = Math.max(most, high, -low);
    up.push(high);
    down.push(low);
  }
  const y = (/** @type {number} */ value) => (HEIGHT / 2 - (0.46 * HEIGHT * value) / most).toFixed(1);
  const points = [...up.map((value, k) => `${k},${y(value)}`), ...down.map((value, k) => `${k},${y(value)}`).reverse()];
  const space = "http://www.w3.org/2000/svg", svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${COLUMNS} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(space, "polygon");
  shape.setAttribute("points", points.join(" "));
  svg.append(shape);
  return svg;
}
