// One page: the open reference, a button and a slider for every sound, the keys of webMUSHRA.
import { alertLine, make, paragraphs, show } from "./parts.js";
import { wave } from "./wave.js";

const LABELS = ["Excellent", "Good", "Fair", "Poor", "Bad"];
const KEYS = [
  ["0 R", "reference"], ["1 to 9", "a sound"], ["← → H L", "the one beside"], ["↑ ↓ K J", "score by 1, with Shift by 10"],
  ["Space", "play, pause"], ["Backspace", "stop"], ["A B", "loop from here, to here; with Shift all"],
];

/**
 * @param {{
 *   player: import("./player.js").Player, title: string, question: string, training: boolean, sounds: number,
 *   share: number, draft: (number | null)[], keep: (scores: (number | null)[]) => void,
 *   save: (scores: number[], milliseconds: number) => Promise<void>,
 * }} given
 */
export function rating({ player, title, question, training, sounds, share, draft, keep, save }) {
  const began = performance.now();
  let saved = false; // while the next page is on its way, nothing more is rated on this one
  /** @type {(number | null)[]} */
  const scores = Array.from({ length: sounds }, (_, k) => draft[k] ?? null);
  const shape = wave(player), alert = alertLine();
  const play = make("button", { type: "button", className: "play", onclick: () => void player.toggle() });
  const stop = make("button", { type: "button", onclick: () => player.stop() }, "Stop");
  const whole = make("button", { type: "button", onclick: () => reset() }, "Whole sound");
  const time = make("span", { className: "time" });
  const reference = make("button", { type: "button", className: "pick reference", onclick: () => listen(0) }, "Reference");
  const next = make("button", { type: "button", className: "primary", onclick: () => void finish() }, "Save and go on");
  const columns = scores.map((_, k) => column(k));

  /** @param {number} k */
  function column(k) {
    const pick = make("button", { type: "button", className: "pick", onclick: () => listen(k + 1) }, String(k + 1));
    const slider = make("input", { type: "range", min: "0", max: "100", step: "1", value: String(scores[k] ?? 100), disabled: true });
    slider.setAttribute("aria-label", `Score of sound ${k + 1}`);
    slider.setAttribute("orient", "vertical");
    const value = make("output", {});
    slider.addEventListener("input", () => set(k, Number(slider.value)));
    slider.addEventListener("click", () => { if (!slider.disabled) set(k, Number(slider.value)); }); // also where it stands
    return { pick, slider, value, box: make("div", { className: "column" }, value, make("div", { className: "rail" }, slider), pick) };
  }

  /** Hear a sound, from where the last one was. @param {number} index */
  function listen(index) {
    player.choose(index);
    if (!player.playing) void player.play();
  }

  /** @param {number} k @param {number} score */
  function set(k, score) {
    if (saved) return;
    scores[k] = Math.round(Math.min(100, Math.max(0, score)));
    keep(scores);
    alert.textContent = "";
    draw();
  }

  /** Move the score of what is heard. @param {number} by */
  function move(by) {
    const k = player.current - 1;
    if (k < 0) return;
    set(k, (scores[k] ?? 100) + by);
  }

  function reset() {
    player.bound("end", player.samples);
    player.bound("start", 0);
  }

  async function finish() {
    const missing = scores.flatMap((score, k) => (score === null ? [k + 1] : []));
    if (missing.length) {
      alert.textContent = `Not rated yet: ${missing.join(", ")}. Press a button, listen, then move its slider.`;
      return;
    }
    saved = next.disabled = true;
    alert.textContent = "";
    player.pause();
    try {
      await save(/** @type {number[]} */ (scores), performance.now() - began);
    } catch (error) {
      alert.textContent = /** @type {Error} */ (error).message;
      saved = next.disabled = false;
    }
  }

  function draw() {
    play.textContent = player.playing ? "Pause" : "Play";
    time.textContent = `${(Math.min(player.position, player.samples) / player.rate).toFixed(1)} of ${(player.samples / player.rate).toFixed(1)} s`;
    reference.setAttribute("aria-pressed", String(player.current === 0));
    columns.forEach(({ pick, slider, value, box }, k) => {
      const mine = player.current === k + 1, score = scores[k];
      pick.setAttribute("aria-pressed", String(mine));
      slider.disabled = !mine; // only what is heard can be rated
      slider.value = String(score ?? 100);
      slider.setAttribute("aria-valuetext", score === null ? "not rated yet" : String(score));
      box.classList.toggle("current", mine);
      box.classList.toggle("unrated", score === null);
      value.textContent = score === null ? "–" : String(score);
    });
    shape.draw();
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? 10 : 1, { key } = event;
    const beside = (/** @type {number} */ step) => listen((player.current + step + sounds + 1) % (sounds + 1));
    /** @type {Record<string, () => void>} */
    const does = {
      " ": () => void player.toggle(), Backspace: () => player.stop(), r: () => listen(0), 0: () => listen(0),
      ArrowRight: () => beside(1), l: () => beside(1), ArrowLeft: () => beside(-1), h: () => beside(-1),
      ArrowUp: () => move(far), k: () => move(1), K: () => move(10), ArrowDown: () => move(-far), j: () => move(-1), J: () => move(-10),
      a: () => player.bound("start", player.position), b: () => player.bound("end", player.position),
      A: () => player.bound("start", 0), B: () => player.bound("end", player.samples),
    };
    const number = /^[1-9]$/.test(key) ? Number(key) : 0;
    const act = number && number <= sounds ? () => listen(number) : does[key];
    const end = event.target instanceof Element && event.target.closest(".end") && /^Arrow(Left|Right)$/.test(key);
    if (!act || end) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  const keys = make("details", { className: "keys" }, make("summary", {}, "Keys"), make("dl", {},
    ...KEYS.map(([key, said]) => make("div", {}, make("dt", {}, ...key.split(" ").map((one) => (one === "to" ? " to " : make("kbd", {}, one)))), make("dd", {}, said)))));
  show(
    make("header", { className: "top" },
      make("span", { className: "where" }, title),
      make("progress", { max: 1, value: share, "aria-label": "Pages done" })),
    make("h1", {}, question),
    ...(training ? [make("div", { className: "note" }, ...paragraphs(
      "This page is for learning and is not counted. Press a number to hear a sound and R for the reference; they go on from the same place. "
      + "Then move the slider of what you hear. One of the sounds is the reference itself, so at least one deserves 100."))] : []),
    make("section", { className: "transport" }, make("div", { className: "buttons" }, play, stop, whole, time), shape.box),
    make("section", { className: "board" },
      make("div", { className: "scale" }, make("span", { className: "numbers" }, ...[100, 80, 60, 40, 20, 0].map((n) => make("span", {}, String(n)))),
        make("span", { className: "labels" }, ...LABELS.map((label) => make("span", {}, label)))),
      make("div", { className: "columns" }, ...columns.map(({ box }) => box)),
      reference),
    make("footer", {}, keys, alert, next),
  );
  player.changed = draw;
  // Before everything else: a slider or a button that has the focus may not take the keys.
  document.addEventListener("keydown", pressed, true);
  let frame = requestAnimationFrame(function tick() { draw(); frame = requestAnimationFrame(tick); });
  draw();
  return () => {
    document.removeEventListener("keydown", pressed, true);
    cancelAnimationFrame(frame);
    player.changed = () => {};
  };
}
