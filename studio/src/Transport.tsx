// What sounds: play, switch while it plays, jump, look at the wave and the spectrum.
import { useEffect, useRef, useState } from "react";
import WaveSurfer from "wavesurfer.js";
import * as api from "./api";
import { TRACKS, type Track } from "./player";
import { player, useKnown } from "./store";

const NAMES: Record<Track, string> = { reference: "Reference", dry: "Take, dry", result: "Take with graph", probe: "Probe" };
const clock = (s: number) => `${Math.floor(s / 60)}:${(s % 60).toFixed(1).padStart(4, "0")}`;

export function Transport() {
  const { state } = useKnown();
  const track = player.current, rate = player.rate;
  const position = player.position / rate;
  const going = state?.result?.going;
  if (!player.length) return null;
  return (
    <footer className="transport" aria-label="Transport">
      <div className="controls">
        <button type="button" className="play" aria-label={player.playing ? "Pause" : "Play"} onClick={() => void player.toggle()}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d={player.playing ? "M6 4h4v16H6zM14 4h4v16h-4z" : "M7 4l14 8-14 8z"} /></svg>
        </button>
        <div className="tabs" role="group" aria-label="What to hear">
          {TRACKS.map((t, k) => player.samples(t) > 0 && (
            <button type="button" key={t} aria-pressed={t === track} onClick={() => player.choose(t)} data-track={t}>
              <kbd>{k + 1}</kbd>{NAMES[t]}<small>{player.matched && player.trim(t) < -0.05 ? `${player.trim(t).toFixed(1).replace("-", "−")} dB` : " "}</small>
            </button>
          ))}
        </div>
        <label className="switch"><input type="checkbox" checked={player.matched} onChange={(e) => player.match(e.target.checked)} /> equally loud</label>
        <span className="time">{clock(position)} / {clock(player.samples(track) / rate)}</span>
        <span className="soft progress" role="status">
          {state?.result?.error ? state.result.error : going ? `rendering ${Math.round((100 * state!.result!.done) / Math.max(1, state!.result!.samples))}%` : ""}
        </span>
      </div>
      <Scope track={track} />
    </footer>
  );
}

function Scope({ track }: { track: Track }) {
  const { state } = useKnown();
  const box = useRef<HTMLDivElement>(null), surfer = useRef<WaveSurfer | null>(null);
  const [picture, setPicture] = useState("");
  const total = player.length / player.rate, own = player.samples(track) / player.rate;
  const stamp = track === "result" ? state?.result?.finished : track === "probe" ? player.samples("probe") + player.trim("probe") : state?.[track]?.name;

  useEffect(() => {
    let gone = false, url = "";
    if (!box.current || (track === "result" && !state?.result?.finished)) return;
    void (async () => {
      try {
        const { peaks, seconds } = await api.get<{ peaks: number[]; seconds: number }>(`/peaks/${track}?columns=1200`);
        if (gone || !box.current) return;
        surfer.current?.destroy();
        const style = getComputedStyle(document.documentElement);
        surfer.current = WaveSurfer.create({
          container: box.current, height: 56, peaks: [peaks], duration: seconds, normalize: true, cursorWidth: 0,
          waveColor: style.getPropertyValue("--wave"), progressColor: style.getPropertyValue("--accent"), interact: false,
        });
        const image = await api.blob(`/spectrogram/${track}.png?columns=900`);
        if (gone) return;
        url = URL.createObjectURL(image);
        setPicture(url);
      } catch (error) {
        console.warn((error as Error).message);
      }
    })();
    return () => { gone = true; if (url) URL.revokeObjectURL(url); };
  }, [track, stamp]);
  useEffect(() => () => surfer.current?.destroy(), []);

  const at = player.position / player.rate;
  const share = total ? (100 * at) / total : 0;
  return (
    <div className="scope" role="slider" tabIndex={0} aria-label="Position" aria-valuemin={0} aria-valuemax={Number(total.toFixed(1))}
      aria-valuenow={Number(at.toFixed(1))} aria-valuetext={clock(at)}
      onClick={(e) => {
        const edge = e.currentTarget.getBoundingClientRect();
        void player.seek(((e.clientX - edge.left) / edge.width) * player.length);
      }}
      onKeyDown={(e) => {
        const step = { ArrowRight: 2, ArrowLeft: -2 }[e.key];
        if (step) { e.stopPropagation(); void player.seek(player.position + step * player.rate); }
      }}>
      <div className="wave" ref={box} style={{ width: `${total ? (100 * own) / total : 100}%` }} />
      {picture && <img alt={`Spectrogram of ${NAMES[track].toLowerCase()}`} src={picture} style={{ width: `${total ? (100 * own) / total : 100}%` }} />}
      <div className="head" style={{ left: `${share}%` }} />
    </div>
  );
}
