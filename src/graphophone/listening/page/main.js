// The way through a test. How far a listener is, the server knows; the address says who it is, so a
// page that is loaded again goes on. Scores of a page that is not saved yet are kept in the browser.
import { questionnaire, thanks, trouble, volume, welcome } from "./forms.js";
import { Player } from "./player.js";
import { rating } from "./rating.js";
import { floats, get, post } from "./server.js";

const player = new Player(() => {});
/** @type {any} */
let test = null;
/** @type {any} */
let state = null;
let levelled = false;
let leave = () => {};

const root = () => `/sittings/${encodeURIComponent(state.listener)}`;
const drawer = (/** @type {number} */ page) => `graphophone/${test.name}/${state.listener}/${page}`;

/** @param {() => Promise<void>} act */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    leave();
    trouble(/** @type {Error} */ (error).message, () => void attempt(act));
  }
}

async function start() {
  test = await get("/test");
  document.title = test.title;
  const known = decodeURIComponent(location.hash.slice(1));
  if (known) {
    state = await get(`/sittings/${encodeURIComponent(known)}`).catch((error) => {
      if (/nobody has begun/.test(error.message)) return null;
      throw error;
    });
  }
  if (state) await go();
  else welcome(test, known, async (code) => {
    state = await post("/sittings", { listener: code });
    location.hash = state.listener;
    await go();
  });
}

/** Show what is next. */
async function go() {
  leave();
  leave = () => {};
  const { page, done, total, training } = state;
  if (state.finished) return thanks(state.listener);
  if (!page) {
    return questionnaire(test.questions, async (answers) => {
      state = await post(`${root()}/answers`, { answers });
      await go();
    });
  }
  const sounds = await Promise.all(Array.from({ length: page.sounds + 1 }, (_, k) => floats(`${root()}/pages/${done}/${k}`)));
  await player.load(page.rate, sounds);
  if (!levelled && done === 0) {
    return volume(player, async () => { levelled = true; await go(); });
  }
  leave = rating({
    player, question: test.question, training: page.training, sounds: page.sounds, share: done / total,
    title: page.training ? `Training, page ${done + 1} of ${training}` : `Page ${done - training + 1} of ${total - training}`,
    draft: draft(done), keep: (scores) => keep(done, scores),
    save: async (scores, milliseconds) => {
      state = await post(`${root()}/pages/${done}`, { scores, milliseconds });
      forget(done);
      await attempt(go);
    },
  });
}

/** @param {number} page @returns {(number | null)[]} */
function draft(page) {
  try { return JSON.parse(localStorage.getItem(drawer(page)) ?? "[]"); } catch { return []; }
}

/** @param {number} page @param {(number | null)[]} scores */
function keep(page, scores) {
  try { localStorage.setItem(drawer(page), JSON.stringify(scores)); } catch { /* a browser may keep nothing */ }
}

/** @param {number} page */
function forget(page) {
  try { localStorage.removeItem(drawer(page)); } catch { /* it kept nothing */ }
}

void attempt(start);
// What tests and curious people may look at.
Object.assign(window, { listening: { player, now: () => state } });
