/**
 * Records the demo as `docs/demo.svg`: what it really printed, line by line, at the pace it printed it.
 *
 *   node tooling/recording/run.ts
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const COMMAND = "npx -y -p node@24 -p pnpm@10.34.9 -- pnpm demo";
const [CHAR, LINE, PAD] = [7.9, 17, 18];
const COLUMNS = 132;
/** The recording is played faster than it was made, and holds its last picture. */
const SPEED = 2;

interface Line {
  readonly atMs: number;
  readonly text: string;
}

function record(folder: string): Promise<readonly Line[]> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, [join(ROOT, "apps/cli/dist/main.js"), "demo", "--folder", folder], {
      env: { ...process.env, FORCE_COLOR: "1" },
    });
    const lines: Line[] = [];
    let rest = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split("\n");
      rest = parts.pop() ?? "";
      for (const text of parts) lines.push({ atMs: performance.now() - began, text });
    });
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve(lines) : reject(new Error(`the demo ended with ${code}`))));
  });
}

// Built from a string: a control character in a literal is taken for a mistake.
const ESCAPE = "\\u001B\\[(\\d+)m";

const COLOURS: Readonly<Record<string, string>> = { "31": "#f47067", "32": "#7ee787", "33": "#e3b341", "2": "#8b949e" };

/** A line with its colours as SVG spans. */
function spans(text: string): string {
  let fill = "";
  return text
    .split(new RegExp(ESCAPE))
    .map((part, index) => {
      if (index % 2 === 1) {
        fill = COLOURS[part] ?? "";
        return "";
      }
      const escaped = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
      return fill === "" ? escaped : `<tspan fill="${fill}">${escaped}</tspan>`;
    })
    .join("");
}

/** Visible characters kept; what the terminal would wrap is cut with an ellipsis. */
function fit(text: string): string {
  const visible = text.replaceAll(new RegExp(ESCAPE, "g"), "");
  if (visible.length <= COLUMNS) return text;
  const [open = ""] = new RegExp(ESCAPE).exec(text) ?? [];
  const lead = text.indexOf(open) > 0 && open !== "" ? text.slice(0, text.indexOf(open)) : "";
  return `${lead}${open}${visible.slice(lead.length, COLUMNS - 1)}…`;
}

function svg(lines: readonly Line[]): string {
  const width = Math.round(COLUMNS * CHAR + 2 * PAD);
  const height = Math.round((lines.length + 1) * LINE + 2 * PAD);
  const rows = [{ atMs: 0, text: `\u001B[2m$\u001B[0m ${COMMAND}` }, ...lines].map(
    ({ atMs, text }, row) =>
      `<text x="${PAD}" y="${PAD + 12 + row * LINE}" style="animation-delay:${Math.round(atMs / SPEED)}ms">${spans(fit(text))}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Terminal recording of the Millrace demo">
<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre;opacity:0;animation:on 1ms forwards}@keyframes on{to{opacity:1}}@media (prefers-reduced-motion:reduce){text{opacity:1;animation:none}}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join("\n")}
</svg>
`;
}

const folder = mkdtempSync(join(tmpdir(), "millrace-demo-"));
try {
  const lines = await record(folder);
  // The recording shows where things are, not this machine's names.
  const shown = lines.map(({ atMs, text }) => ({
    atMs,
    text: text.replaceAll(folder, "/tmp/millrace-demo").replaceAll(/(npx -y -p node@24 -- )?node \S+main\.js/g, "millrace"),
  }));
  writeFileSync(join(ROOT, "docs/demo.svg"), svg(shown));
  console.log(`docs/demo.svg: ${shown.length} lines`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
