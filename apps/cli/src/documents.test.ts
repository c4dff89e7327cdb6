/** The command lines that the documents of this repository show are command lines of this program. */
import { readdirSync, readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { EXIT } from "./exit-codes.js";
import { EXAMPLES } from "./views/examples.js";
import type { Io } from "./io.js";
import { buildProgram, everyCommand, pathOf, runCommandLine } from "./program.js";

const root = new URL("../../../", import.meta.url);
const documents = ["README.md", "apps/cli/README.md", ...readdirSync(new URL("docs/", root)).map((file) => `docs/${file}`)].filter((file) =>
  file.endsWith(".md"),
);

const shown = [
  ...documents.flatMap((document) => commandLines(readFileSync(new URL(document, root), "utf8")).map((line) => [document, line])),
  ...Object.values(EXAMPLES).flatMap((lines) =>
    commandLines(`\`\`\`sh\n${lines.join("\n")}\n\`\`\`\n`).map((line) => ["an example", line]),
  ),
];

it("are there", () => {
  expect(shown.length).toBeGreaterThan(30);
});

describe.each(shown)("%s: %s", (_document, line = "") => {
  it("names a command, and options that it has", async () => {
    const { command, options } = partsOf(line);
    const { code, help } = await helpOf(command);
    expect(code).toBe(EXIT.fine);
    expect(help).toContain(`Usage: millrace ${command.join(" ")}`.trimEnd());
    expect(options.filter((option) => !help.includes(option))).toEqual([]);
  });
});

it("F:E9 every command has an example behind its help, and no example is of another", async () => {
  const calls = everyCommand(
    buildProgram(
      ioTo(() => undefined),
      () => undefined,
    ),
  )
    // A command with arguments does something, also where it has commands of its own.
    .filter(({ commands, registeredArguments }) => commands.length === 0 || registeredArguments.length > 0)
    .map(pathOf);
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(calls.toSorted());
  for (const call of calls) expect((await helpOf(call.split(" "))).help).toMatch(/\nExamples?:\n {2}\S/);
});

it("are told from lines that are none: an unknown command gets the help of the program", async () => {
  expect((await helpOf(["no-such-command"])).help).toContain("Usage: millrace [options]");
});

/** Lines of shell blocks, and code in the text, that begin with the program's name. */
function commandLines(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```sh\n(?<block>[\s\S]*?)^```/gm)].flatMap(({ groups }) => (groups?.["block"] ?? "").split("\n"));
  const inline = [...text.matchAll(/`(?<code>millrace [^`\n]+)`/g)].flatMap(({ groups }) => groups?.["code"] ?? []);
  const lines = [...blocks, ...inline].flatMap((line) => line.replace(/\s#.*$/, "").split(/&+/));
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line.startsWith("millrace ")))];
}

const PARENTS = new Set(["task", "module", "service", "pipeline", "review", "config", "token"]);
const CHILDREN = new Set([
  "add",
  "show",
  "edit",
  "remove",
  "get",
  "set",
  "list",
  "reply",
  "resolve",
  "dismiss",
  "reopen",
  "create",
  "revoke",
]);

function partsOf(line: string): { readonly command: readonly string[]; readonly options: readonly string[] } {
  const [, first = "", second = ""] = line.replaceAll(/"[^"]*"|'[^']*'/g, "_").split(/\s+/);
  const options = [...line.replaceAll(/"[^"]*"|'[^']*'/g, "_").matchAll(/\s(?<option>--?[a-z][a-z-]*)/g)].flatMap(
    ({ groups }) => groups?.["option"] ?? [],
  );
  return { command: PARENTS.has(first) && CHILDREN.has(second) ? [first, second] : [first], options };
}

async function helpOf(command: readonly string[]): Promise<{ readonly code: number; readonly help: string }> {
  let help = "";
  const io = ioTo((text) => (help += text));
  return { code: await runCommandLine(io, [...command, "--help"]), help };
}

function ioTo(write: (text: string) => unknown): Io {
  const writer = { write };
  return {
    cwd: "/",
    env: {},
    out: writer,
    err: writer,
    openTerminal: () => null,
    in: new PassThrough(),
    userName: "ada",
    onInterrupt: () => () => undefined,
    exit: () => undefined,
  };
}
