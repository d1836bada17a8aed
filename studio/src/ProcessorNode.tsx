// One node on the canvas: its ports, its knobs, and how sure the estimate is of it.
import { Handle, Position, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import type { NodeState } from "./api";
import { Knob } from "./Knob";
import { ROW, rows } from "./layout";
import { turn, usePart } from "./store";

export const ProcessorNode = memo(function ProcessorNode({ data, selected }: NodeProps) {
  const node = data.node as NodeState;
  const catalogue = usePart((k) => k.catalogue);
  const blamed = usePart((k) => k.blamed.includes(node.id));
  const solo = usePart((k) => k.state?.solo === node.id);
  if (!catalogue) return null;
  const spec = catalogue.types[node.type], shown = rows(catalogue, node);
  const sure = node.decision ? 1 : (node.confidence ?? 1);
  const classes = [
    "node", `group-${spec.group}`, selected && "selected", node.bypassed && "bypassed",
    node.open.length > 0 && "loose", blamed && "blamed", solo && "solo",
    node.decision && "decided",
  ].filter(Boolean).join(" ");
  return (
    <div className={classes} style={{ opacity: 0.5 + 0.5 * sure }} data-node={node.id} data-type={node.type}>
      <header title={spec.summary}>
        <strong>{(node.source ?? node.type).replaceAll("_", " ")}</strong>
        {node.decision && <em>{node.decision === "accepted" ? "✓" : "⇄"}</em>}
        {!node.decision && node.confidence != null && spec.group !== "terminal" && <em>{Math.round(100 * node.confidence)}%</em>}
        {node.amount < 1 && <em>{Math.round(100 * node.amount)}% wet</em>}
      </header>
      {shown.map((row, k) => (
        <div className="row" key={k} style={{ height: ROW }}>
          {row.inlet && <Port side="left" name={row.inlet} signal={spec.inlets.find((i) => i.name === row.inlet)!.signal} />}
          {row.control && <Port side="left" name={row.control} signal="control" bare />}
          {row.knob && (
            <Knob
              turnedAs={`${node.id} ${row.knob}`} name={node.id} label={row.knob} param={spec.params[row.knob]}
              value={node.knobs.find((x) => x.name === row.knob)!.value}
              confidence={node.knobs.find((x) => x.name === row.knob)!.confidence}
              onTurn={(value) => turn(`${node.id} ${row.knob}`, value, { op: "set_knob", node: node.id, knob: row.knob, value })}
            />
          )}
          {row.outlet && <Port side="right" name={row.outlet} signal={spec.outlets.find((o) => o.name === row.outlet)!.signal} />}
        </div>
      ))}
    </div>
  );
});

function Port({ side, name, signal, bare }: { side: "left" | "right"; name: string; signal: string; bare?: boolean }) {
  return (
    <>
      <Handle
        id={name} type={side === "left" ? "target" : "source"}
        position={side === "left" ? Position.Left : Position.Right} className={signal}
        title={`${name} (${signal})`}
      />
      {!bare && <span className={`port ${side}`}>{name}</span>}
    </>
  );
}
