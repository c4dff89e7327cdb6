/** oxfmt in check mode. `pnpm format:fix` rewrites. */
import { conclude, run } from "./lib.ts";

const oxfmt = run("oxfmt", ["--check", "."]);
process.stdout.write(oxfmt.output);
const looked = Number(/on (\d+) files/.exec(oxfmt.output)?.[1] ?? 0);
conclude("format", looked, "files", oxfmt.code === 0 ? [] : ["files are not formatted (above); run: pnpm format:fix"]);
