// What comes before and after the pages: welcome, volume, questionnaire, thanks.
import { alertLine, make, paragraphs, show } from "./parts.js";

/**
 * Do something when a form is sent, and say what went wrong with it.
 * @param {HTMLFormElement} form @param {HTMLElement} alert @param {() => Promise<void>} act
 */
function sends(form, alert, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
    button.disabled = true;
    alert.textContent = "";
    try {
      await act();
    } catch (error) {
      alert.textContent = /** @type {Error} */ (error).message;
      button.disabled = false;
    }
  });
}

/** @param {any} test @param {string} known @param {(code: string) => Promise<void>} begin */
export function welcome(test, known, begin) {
  const code = make("input", { name: "code", value: known || test.code, required: true, maxLength: 32, autocomplete: "off", spellcheck: false });
  const alert = alertLine();
  const agree = make("input", { type: "checkbox", required: true });
  const form = make("form", {},
    make("label", { className: "field" }, make("span", {}, "Your code"), code),
    make("p", { className: "soft" }, "Note it down. Whoever stops goes on later with the same code; every finished page is kept."),
    ...(test.consent ? [make("label", { className: "check" }, agree, make("span", {}, test.consent))] : []),
    alert,
    make("button", { type: "submit", className: "primary" }, "Begin"));
  sends(form, alert, () => begin(code.value));
  show(make("article", {}, make("h1", {}, test.title), ...paragraphs(test.welcome),
    make("p", {}, `${test.trials === 1 ? "There is 1 page. On it," : `There are ${test.trials} pages. On each,`} compare sounds with a reference and give each a score from 0 to 100.`), form));
}

/** @param {import("./player.js").Player} player @param {() => Promise<void>} done */
export function volume(player, done) {
  const play = make("button", { type: "button" }, "Play");
  const alert = alertLine();
  play.addEventListener("click", async () => {
    await player.toggle();
    play.textContent = player.playing ? "Pause" : "Play";
  });
  const form = make("form", {}, make("p", {}, play), alert, make("button", { type: "submit", className: "primary" }, "The level is right"));
  sends(form, alert, async () => { player.stop(); await done(); });
  show(make("article", {}, make("h1", {}, "Set the level"),
    make("p", {}, "Use headphones. Play this sound, set your computer to a comfortable level, and leave it there until the end."), form));
}

/** @param {any[]} questions @param {(answers: Record<string, string>) => Promise<void>} save */
export function questionnaire(questions, save) {
  const alert = alertLine();
  const fields = questions.map(({ name, text, choices }) => {
    const input = choices.length
      ? make("select", { name }, make("option", { value: "" }, ""), ...choices.map((/** @type {string} */ one) => make("option", { value: one }, one)))
      : make("input", { name, maxLength: 1000, autocomplete: "off" });
    return { name, input, label: make("label", { className: "field" }, make("span", {}, text), input) };
  });
  const form = make("form", {}, ...fields.map(({ label }) => label), alert, make("button", { type: "submit", className: "primary" }, "Save and finish"));
  sends(form, alert, () => save(Object.fromEntries(fields.map(({ name, input }) => [name, input.value]))));
  show(make("article", {}, make("h1", {}, "Last questions"), make("p", { className: "soft" }, "What you do not want to answer, leave empty."), form));
}

/** @param {string} listener */
export function thanks(listener) {
  show(make("article", {}, make("h1", {}, "Thank you"), make("p", {}, `Everything is saved, under the code ${listener}. You can close this page.`),
    make("p", {}, make("button", { type: "button", onclick: () => { location.hash = ""; location.reload(); } }, "Somebody else begins"))));
}

/** @param {string} said @param {() => void} again */
export function trouble(said, again) {
  show(make("article", {}, make("h1", {}, "That did not work"), make("p", { role: "alert" }, said),
    make("p", {}, make("button", { type: "button", className: "primary", onclick: again }, "Try again"))));
}
