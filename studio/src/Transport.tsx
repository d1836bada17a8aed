// What sounds: play, switch while it plays, jump, look at the wave and the spectrum.
import { useEffect, useRef, useState } from "react";
import WaveSurfer from "wavesurfer.js";
import * as api from "./api";
import { TRACKS, type Track } from "./player";
import { player, useKnown } from "./store";

const NAMES: Record<Track, string> = { reference: "Reference", dry: "Take, dry", result: "Take with graph", probe: "Probe" };
const clock = (s: number) => `${Math.floor(s / 60)}:${(s % 60).toFixed(1).padStart(4, "0")}`;

// Heights in a spectrogram: mel bands up to half of 44.1 kHz, as graphophone.audio.features has them.
const STRETCH = Math.log(6.4) / 27;
const mel = (f: number) => (Math.min(f, 1000) * 3) / 200 + Math.log(Math.max(f, 1000) / 1000) / STRETCH;
const MOST = mel(22050);
const hertz = (share: number) => { const m = share * MOST; return m < 15 ? (m * 200) / 3 : 1000 * Math.exp((m - 15) * STRETCH); };
const heard = (f: number) => (f < 1000 ? `${Math.round(f)} Hz` : `${Number((f / 1000).toPrecision(2))} kHz`);

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
              <kbd>{k + 1}</kbd>{t === "probe" && player.probed ? <span className="probed" title={player.probed}>{NAMES[t]}: {player.probed}</span> : NAMES[t]}<small>{player.matched && player.trim(t) < -0.05 ? `${player.trim(t).toFixed(1).replace("-", "−")} dB` : " "}</small>
            </button>
          ))}
        </div>
        <label className="switch"><input type="checkbox" checked={player.matched} onChange={(e) => player.match(e.target.checked)} /> equally loud</label>
        {player.loop && <button type="button" title="Play on beyond the loop (Escape)" onClick={() => player.repeat(null)}>loop {clock(player.loop.from / rate)} to {clock(player.loop.to / rate)} ×</button>}
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
  const stamp = track === "result" ? state?.result?.finished : track === "probe" ? player.looked : state?.[track]?.name;

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

  const [hover, setHover] = useState<{ x: number; said: string } | null>(null);
  const from = useRef<number | null>(null), dragged = useRef(false);
  const at = player.position / player.rate;
  const place = (e: React.PointerEvent | React.MouseEvent) => {
    const edge = box.current!.parentElement!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (e.clientX - edge.left) / edge.width)) * player.length;
  };
  const share = total ? (100 * at) / total : 0;
  return (
    <div className="scope" role="slider" tabIndex={0} aria-label="Position" aria-valuemin={0} aria-valuemax={Number(total.toFixed(1))}
      aria-valuenow={Number(at.toFixed(1))} aria-valuetext={clock(at)}
      title="Click to go there, drag to play a part again and again"
      onClick={(e) => { if (!dragged.current) void player.seek(place(e)); }}
      onPointerDown={(e) => { from.current = place(e); dragged.current = false; }}
      onPointerUp={() => { from.current = null; }}
      onPointerLeave={() => { from.current = null; setHover(null); }}
      onPointerMove={(e) => {
        const edge = e.currentTarget.getBoundingClientRect(), here = place(e), image = e.currentTarget.querySelector("img")?.getBoundingClientRect();
        const up = image && e.clientY > image.top ? 1 - (e.clientY - image.top) / image.height : null;
        setHover({ x: e.clientX - edge.left, said: clock(here / player.rate) + (up === null ? "" : ` · ${heard(hertz(up))}`) });
        if (from.current === null || Math.abs(here - from.current) / player.length * edge.width < 6) return;
        dragged.current = true;
        player.repeat({ from: Math.min(from.current, here), to: Math.max(from.current, here) });
      }}
      onKeyDown={(e) => {
        if (e.key === "Escape") player.repeat(null);
        const step = { ArrowRight: 2, ArrowLeft: -2 }[e.key];
        if (step) { e.stopPropagation(); void player.seek(player.position + step * player.rate); }
      }}>
      <div className="wave" ref={box} style={{ width: `${total ? (100 * own) / total : 100}%` }} />
      {picture && <img alt={`Spectrogram of ${NAMES[track].toLowerCase()}`} src={picture} style={{ width: `${total ? (100 * own) / total : 100}%` }} />}
      {picture && <div className="hertz" aria-hidden="true">{[1000, 4000, 10000].map((f) => <span key={f} style={{ bottom: `${100 * (mel(f) / MOST)}%` }}>{heard(f)}</span>)}</div>}
      {player.loop && <div className="loop" style={{ left: `${(100 * player.loop.from) / player.length}%`, width: `${(100 * (player.loop.to - player.loop.from)) / player.length}%` }} />}
      {hover && <div className="hover" style={hover.x > 160 ? { right: `calc(100% - ${hover.x - 8}px)` } : { left: hover.x + 8 }}>{hover.said}</div>}
      <div className="head" style={{ left: `${share}%` }} />
    </div>
  );
}
