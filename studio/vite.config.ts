// Builds the page into the Python package, so that who installs it needs no Node.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const OUT = "../src/graphophone/studio/static";
const PARTS = ["react", "react-dom", "scheduler", "@xyflow/react", "@xyflow/system", "zustand", "elkjs", "wavesurfer.js",
  "classcat", "use-sync-external-store", "d3-color", "d3-dispatch", "d3-drag", "d3-ease", "d3-interpolate", "d3-selection", "d3-timer",
  "d3-transition", "d3-zoom"];

// ELK is not ours to change (EPL-2.0): it is shipped as it comes, and runs in a worker of its own.
const beside = {
  name: "beside",
  closeBundle() {
    copyFileSync("node_modules/elkjs/lib/elk-worker.min.js", `${OUT}/assets/elk-worker.min.js`);
    const notices = PARTS.map((name) => {
      const about = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
      let text = "";
      for (const file of ["LICENSE", "LICENSE.md", "LICENSE.txt"]) {
        try { text = readFileSync(`node_modules/${name}/${file}`, "utf8"); break; } catch { /* another name */ }
      }
      return `${name} ${about.version}, ${about.license}\n\n${text.trim()}\n`;
    });
    writeFileSync(`${OUT}/THIRD-PARTY.txt`, notices.join(`\n${"-".repeat(78)}\n\n`));
  },
};

export default defineConfig({
  base: "./",
  plugins: [react(), beside],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        entryFileNames: "assets/studio.js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
});
