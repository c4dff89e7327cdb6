import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { redactor } from "./redact.logic.js";
import { openTranscript } from "./transcript.js";

test("a transcript is bounded, says so once, and has no secret in it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-transcript-"));
  const path = join(folder, "transcript.jsonl");
  {
    using transcript = openTranscript(path, redactor({ KEY: "s3cr3t-value", SHORT: "abc" }), 2_000);
    for (let line = 0; line < 200; line += 1) transcript.add("from-agent", { line, text: "abc and s3cr3t-value" });
  }
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  expect(Buffer.byteLength(lines.join("\n"))).toBeLessThan(2_200);
  expect(lines.filter((line) => line.includes("the rest is left out"))).toHaveLength(1);
  expect(lines.at(-1)).toContain("2000 bytes");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ direction: "from-agent", entry: { line: 0, text: "abc and [redacted:KEY]" } });
  await rm(folder, { recursive: true });
});
