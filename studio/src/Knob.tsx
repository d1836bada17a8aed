// A knob as a bar that is filled by its travel: drag sideways, arrows, Home and End, double click, or
// Enter to type a value.
import { useRef, useState } from "react";
import type { Param } from "./api";
import { usePart } from "./store";
import { fromTravel, parsed, text, toTravel } from "./taper";

interface Props {
  /** What it is called while it is turned, before the server has answered. */
  turnedAs: string;
  name: string; label: string; param: Param; value: number; confidence?: number | null;
  onTurn: (value: number) => void;
  shown?: (value: number) => string;
}

const WIDTH = 170; // pixels of the whole travel

export function Knob({ turnedAs, name, label, param, value: settled, confidence, onTurn, shown }: Props) {
  const held = useRef<{ x: number; travel: number } | null>(null), bar = useRef<HTMLDivElement>(null);
  const [typing, setTyping] = useState(false);
  const value = usePart((k) => k.turning[turnedAs]) ?? settled;
  const travel = Math.min(1, Math.max(0, toTravel(param, value)));
  const said = shown ? shown(value) : text(param, value);
  const move = (to: number) => onTurn(Number(fromTravel(param, to).toPrecision(6)));

  function done(typed: string | null) {
    const wanted = typed === null || typed === said ? null : parsed(param, shown && Number(typed) > 1 ? `${typed}%` : typed); // 50 is 50% where shares are shown
    setTyping(false);
    if (wanted !== null) onTurn(Number(wanted.toPrecision(6)));
    bar.current?.focus();
  }

  function key(e: React.KeyboardEvent) {
    if (typing) { e.stopPropagation(); return; }
    if (e.key === "Enter") { e.preventDefault(); e.stopPropagation(); setTyping(true); return; }
    const step = (e.shiftKey ? 0.002 : 0.02) * (param.step ? Math.max(1, param.step / (param.high - param.low) / 0.02) : 1);
    const to: Record<string, number> = {
      ArrowRight: travel + step, ArrowUp: travel + step, ArrowLeft: travel - step, ArrowDown: travel - step,
      PageUp: travel + 0.1, PageDown: travel - 0.1, Home: 0, End: 1,
    };
    if (!(e.key in to)) return;
    e.preventDefault();
    e.stopPropagation();
    move(to[e.key]);
  }

  return (
    <div
      ref={bar} className="knob nodrag nopan nokey" role="slider" tabIndex={0} aria-label={`${name} ${label}`}
      aria-valuemin={param.low} aria-valuemax={param.high} aria-valuenow={value} aria-valuetext={said}
      title={`${param.help}: ${param.low_text} to ${param.high_text}` + (confidence == null ? "" : `, sure by ${Math.round(100 * confidence)}%`) + ". Drag, use arrows, or press Enter and type"}
      onKeyDown={key}
      onDoubleClick={(e) => { e.stopPropagation(); onTurn(param.default); }}
      onPointerDown={(e) => {
        if (e.button || typing) return;
        e.stopPropagation();
        e.currentTarget.setPointerCapture(e.pointerId);
        held.current = { x: e.clientX, travel };
      }}
      onPointerMove={(e) => {
        if (!held.current) return;
        const scale = e.shiftKey ? 10 : 1;
        move(held.current.travel + (e.clientX - held.current.x) / WIDTH / scale);
      }}
      onPointerUp={() => { held.current = null; }}
      onPointerCancel={() => { held.current = null; }}
    >
      <i style={{ width: `${100 * travel}%` }} />
      <span>{label.replaceAll("_", " ")}</span>
      {typing
        ? <input autoFocus aria-label={`${name} ${label}, value`} defaultValue={said} onFocus={(e) => e.target.select()} onBlur={() => setTyping(false)}
            onKeyDown={(e) => { e.stopPropagation(); if (e.key === "Enter") done(e.currentTarget.value); if (e.key === "Escape") done(null); }} />
        : <b>{said.replace("-", "−")}</b>}
    </div>
  );
}
