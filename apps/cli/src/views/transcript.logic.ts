import type { TranscriptLine } from "@millrace/executors";
import { z } from "zod";
import { count, indented, oneLine } from "../output/format.logic.js";

/** The messages of the Agent Client Protocol that a transcript shows. */
const updateSchema = z.object({
  method: z.literal("session/update"),
  params: z.object({
    update: z.discriminatedUnion("sessionUpdate", [
      z.object({ sessionUpdate: z.literal("agent_message_chunk"), content: z.object({ type: z.literal("text"), text: z.string() }) }),
      z.object({ sessionUpdate: z.literal("tool_call"), title: z.string() }),
      z.object({
        sessionUpdate: z.literal("plan"),
        entries: z.array(z.object({ content: z.string(), status: z.enum(["pending", "in_progress", "completed"]) })),
      }),
    ]),
  }),
});
const promptSchema = z.object({
  method: z.literal("session/prompt"),
  params: z.object({ prompt: z.array(z.object({ text: z.string().optional() })) }),
});

/** The transcript of a job for people: the words of the agent, its tool calls, its stderr. Other protocol messages are left out. */
export function transcriptLines(transcript: readonly TranscriptLine[]): readonly string[] {
  const lines: string[] = [];
  let said = "";
  const flush = (): void => {
    lines.push(...indented(said, ""));
    said = "";
  };
  for (const line of transcript) {
    const chunk = spoken(line);
    if (chunk !== null) {
      said += chunk;
      continue;
    }
    const text = noted(line);
    if (text.length === 0) continue;
    flush();
    lines.push(...text);
  }
  flush();
  return lines;
}

function spoken({ direction, entry }: TranscriptLine): string | null {
  if (direction !== "from-agent") return null;
  if (typeof entry === "string") return entry;
  const update = updateSchema.safeParse(entry).data?.params.update;
  return update?.sessionUpdate === "agent_message_chunk" ? update.content.text : null;
}

function noted({ direction, entry }: TranscriptLine): readonly string[] {
  if (direction === "stderr") return indented(String(entry), "stderr: ");
  if (direction === "note") return [`-- ${oneLine(String(entry), 400)}`];
  if (direction === "to-agent") {
    const prompt = promptSchema.safeParse(entry).data?.params.prompt;
    return prompt === undefined ? [] : [`-- prompt of ${count(prompt.reduce((sum, { text }) => sum + (text?.length ?? 0), 0))} characters`];
  }
  const update = updateSchema.safeParse(entry).data?.params.update;
  if (update?.sessionUpdate === "tool_call") return [`-- tool: ${oneLine(update.title, 200)}`];
  if (update?.sessionUpdate !== "plan") return [];
  const current = update.entries.find(({ status }) => status === "in_progress");
  return current === undefined ? [] : [`-- subtask: ${oneLine(current.content, 200)}`];
}
