/** `pnpm scaffold <what> <name>`: adds a step kind, gate, forge, channel, module or aggregate from its templates. */
import { fileURLToPath } from "node:url";
import { linesOf } from "./plan.logic.ts";
import { addThing } from "./scaffold.ts";
import { ScaffoldError } from "./thing.ts";
import { things } from "./things/index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const [what, name] = process.argv.slice(2);
if (what === undefined || name === undefined) {
  console.error(`usage: pnpm scaffold <what> <name>\n\n${things.map((thing) => `  ${thing.what.padEnd(10)} ${thing.named}`).join("\n")}`);
  process.exit(2);
}
try {
  const { created, lines } = addThing(root, what, name);
  const { page } = things.find((thing) => thing.what === what) ?? { page: "docs" };
  console.log(`new files:\n${created.map((file) => `  ${file}`).join("\n")}`);
  console.log(`lines added:\n${lines.flatMap(({ file, text }) => linesOf(text).map((line) => `  ${file}: ${line}`)).join("\n")}`);
  console.log(`next: ${page}`);
} catch (error) {
  if (!(error instanceof ScaffoldError)) throw error;
  console.error(`${error.code}: ${error.message}\n${error.fix}`);
  process.exit(1);
}
