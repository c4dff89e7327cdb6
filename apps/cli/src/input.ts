import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { MillraceError } from "@millrace/kernel";
import type { Io } from "./io.js";

/** Name that stands for standard input where a file is asked for. */
const STDIN = "-";

/**
 * The text of a file, or of standard input for `-`.
 *
 * @throws MillraceError `validation` with the path.
 */
export async function readInput({ cwd, in: stdin }: Pick<Io, "cwd" | "in">, path: string): Promise<string> {
  if (path === STDIN) return text(stdin);
  const file = resolve(cwd, path);
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new MillraceError("validation", `the file '${file}' cannot be read`, { fix: "name a text file that exists", cause });
  }
}

/**
 * A description given as text (`-`: standard input) or as a file; undefined: neither.
 *
 * @throws MillraceError `validation` when both are given, or the file cannot be read.
 */
export async function descriptionFrom(
  io: Pick<Io, "cwd" | "in">,
  { description, file }: { readonly description?: string; readonly file?: string },
): Promise<string | undefined> {
  if (file === undefined) return description === STDIN ? readInput(io, STDIN) : description;
  if (description === undefined) return readInput(io, file);
  throw new MillraceError("validation", "--description and --file exclude each other", { fix: "give one of the two" });
}
