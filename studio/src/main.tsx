import { createRoot } from "react-dom/client";
import "@xyflow/react/dist/base.css";
import "./style.css";
import { App } from "./App";
import { now, player, set, start } from "./store";

createRoot(document.getElementById("root")!).render(<App />);
void start();
// What tests and curious people may look at.
Object.assign(window, { studio: { player, now, set } });
