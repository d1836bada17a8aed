// A listener who hears with numbers: takes every page to the end, by keys and sliders, and gives each
// sound the score planted for what it turns out to be.
async ({ scores, tones }) => {
  const { player, now } = window.listening;
  const strength = (x, frequency) => {
    let re = 0, im = 0;
    for (let i = 0; i < x.length; i++) {
      const phase = (2 * Math.PI * frequency * i) / player.rate;
      re += x[i] * Math.cos(phase);
      im += x[i] * Math.sin(phase);
    }
    return (2 * Math.hypot(re, im)) / x.length;
  };
  const heard = (track) => {
    const reference = player.tracks[0][0], gap = track[0].slice(0, 4000).map((value, i) => value - reference[i]);
    const power = gap.reduce((sum, value) => sum + value * value, 0) / gap.length;
    if (power === 0) return "reference";
    const found = Object.entries(tones).find(([, frequency]) => strength(gap, frequency) > 0.04);
    if (found) return found[0];
    return power > 0.003 ? "anchor35" : "anchor70";
  };
  const frame = () => new Promise((rest) => setTimeout(rest, 5));
  while (now().page) {
    const { done } = now(), board = document.querySelector(".board");
    for (let k = 1; k < player.tracks.length; k++) {
      document.dispatchEvent(new KeyboardEvent("keydown", { key: String(k), bubbles: true }));
      const slider = document.querySelectorAll(".rail input")[k - 1];
      if (slider.disabled) throw new Error(`the slider of sound ${k} cannot be moved while it plays`);
      slider.value = String(scores[done][heard(player.tracks[k])]);
      slider.dispatchEvent(new Event("input"));
    }
    document.querySelector("footer .primary").click();
    while (now().done === done || document.querySelector(".board") === board) {
      const alert = document.querySelector(".alert").textContent;
      if (alert) throw new Error(alert);
      await frame();
    }
  }
}
