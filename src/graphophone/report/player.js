"use strict";
// Every .player on the page: its clips run side by side, and only one player sounds at a time.
(() => {
  const icons = { go: "M7 4l14 8-14 8z", stop: "M6 4h4v16H6zM14 4h4v16h-4z" };
  const clock = (s) => Math.floor(s / 60) + ":" + String(Math.floor(s % 60)).padStart(2, "0");
  let context = null, chosen = null;

  function player(root) {
    const sounds = JSON.parse(root.querySelector(".sounds").textContent);
    const tabs = [...root.querySelectorAll(".tabs button")];
    const pictures = [...root.querySelectorAll(".scope img")];
    const play = root.querySelector(".play"), scope = root.querySelector(".scope");
    const head = root.querySelector(".head"), time = root.querySelector(".time");
    const longest = Math.max(...sounds.map((s) => s.seconds));
    let loading = null, buffers = [], voices = [], current = 0;
    let playing = false, began = 0, offset = 0;

    const position = () =>
      Math.max(0, Math.min(playing ? offset + context.currentTime - began : offset, longest));

    async function load() {
      context ||= new (window.AudioContext || window.webkitAudioContext)();
      buffers = await Promise.all(sounds.map(async (s) => {
        const text = atob(s.audio.slice(s.audio.indexOf(",") + 1));
        return context.decodeAudioData(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer);
      }));
    }
    function silence() {
      voices.forEach((v) => { v.node.onended = null; v.node.stop(); });
      voices = [];
    }
    async function start() {
      take();
      await (loading ||= load());
      await context.resume();
      if (chosen !== face) return;
      if (offset >= longest - 0.05) offset = 0;
      silence();
      // All sounds start at one instant and run side by side: switching only moves their levels.
      began = context.currentTime + 0.03;
      voices = buffers.map((buffer, i) => {
        const node = new AudioBufferSourceNode(context, { buffer });
        const gain = new GainNode(context, { gain: i === current ? 1 : 0 });
        node.connect(gain).connect(context.destination);
        node.start(began, Math.min(offset, buffer.duration));
        return { node, gain };
      });
      playing = true;
      show();
      requestAnimationFrame(tick);
    }
    function pause() {
      offset = playing ? position() : offset;
      playing = false;
      silence();
      show();
    }
    function seek(seconds) {
      const was = playing;
      if (was) pause();
      offset = Math.max(0, Math.min(seconds, longest));
      show();
      if (was) start();
    }
    function choose(i) {
      if (i < 0 || i >= sounds.length) return;
      current = i;
      voices.forEach((v, k) => {
        const gain = v.gain.gain;
        gain.cancelScheduledValues(context.currentTime);
        gain.setTargetAtTime(k === i ? 1 : 0, context.currentTime, 0.004);
      });
      show();
    }
    function show() {
      tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", i === current));
      pictures.forEach((picture, i) => picture.classList.toggle("on", i === current));
      play.setAttribute("aria-label", playing ? "Pause" : "Play");
      play.querySelector("path").setAttribute("d", playing ? icons.stop : icons.go);
      const at = position();
      head.style.left = (100 * at / longest) + "%";
      scope.setAttribute("aria-valuenow", at.toFixed(1));
      time.textContent = clock(at) + " / " + clock(sounds[current].seconds);
    }
    function tick() {
      if (!playing) return;
      if (position() >= longest) { pause(); offset = 0; }
      show();
      requestAnimationFrame(tick);
    }
    const face = {
      toggle: () => (playing ? pause() : start()),
      pause, choose, skip: (seconds) => seek(position() + seconds),
    };
    const take = () => {
      if (chosen && chosen !== face) chosen.pause();
      chosen = face;
    };
    root.addEventListener("pointerdown", take);
    root.addEventListener("focusin", take);
    play.addEventListener("click", face.toggle);
    tabs.forEach((tab, i) => tab.addEventListener("click", () => choose(i)));
    scope.addEventListener("click", (e) => {
      const box = scope.getBoundingClientRect();
      seek(longest * (e.clientX - box.left) / box.width);
    });
    scope.setAttribute("aria-valuemax", longest.toFixed(1));
    show();
    return face;
  }

  chosen = [...document.querySelectorAll(".player")].map(player)[0] || null;
  document.addEventListener("keydown", (e) => {
    if (!chosen || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.closest?.("summary")) return;
    if (e.key === " ") { e.preventDefault(); chosen.toggle(); }
    else if (/^[1-9]$/.test(e.key)) chosen.choose(Number(e.key) - 1);
    else if (e.key === "ArrowRight") chosen.skip(2);
    else if (e.key === "ArrowLeft") chosen.skip(-2);
  });
})();
