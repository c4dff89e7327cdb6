/**
 * The thinking of the agent, as a function of the conversation it sends: stateless, so that a repeated request has the same
 * answer. Everything around the thinking is the agent's own: its loop, its tools, its files.
 */
import { FILES } from "./sample-service.ts";

interface Message {
  readonly role: string;
  readonly content?: string | readonly { readonly type: string; readonly text?: string }[] | null;
}

/** The part of a chat completion request that is looked at. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly tools?: readonly unknown[];
}

export type ModelAnswer =
  | { readonly content: string }
  | { readonly toolCalls: readonly { readonly name: string; readonly arguments: string; readonly id: string }[] };

type Action = { readonly tool: string; readonly with: Readonly<Record<string, string>> };
type Kind = "coder" | "ci-fixer" | "reviewer" | "merger";

/** How each kind's role begins: prompts of Millrace, so a changed role is noticed here at once. */
const ROLES: readonly (readonly [Kind, string])[] = [
  ["ci-fixer", "CI is red on the branch"],
  ["reviewer", "You review the change"],
  ["merger", "You score the diff"],
  ["coder", "You implement the task"],
];

/** The tools of OpenCode. */
const write = (filePath: string, content: string): Action => ({ tool: "write", with: { filePath, content } });
const read = (filePath: string): Action => ({ tool: "read", with: { filePath } });
const edit = (filePath: string, oldString: string, newString: string): Action => ({
  tool: "edit",
  with: { filePath, oldString, newString },
});
const shell = (command: string, description: string): Action => ({ tool: "bash", with: { command, description } });

export function answerTo(request: ModelRequest): ModelAnswer {
  // Agents ask for a title of the session beside their work, without tools.
  if (request.tools === undefined || request.tools.length === 0) return { content: "A scripted session" };
  const asked = request.messages.findLastIndex((message) => message.role === "user");
  const prompt = textOf(request.messages[asked]);
  const results = request.messages
    .slice(asked + 1)
    .filter((message) => message.role === "tool")
    .map(textOf);
  const kind = kindOf(prompt);
  const actions = actionsOf(kind, prompt.includes("This is a rework."));
  const next = actions[results.length];
  if (next === undefined) return { content: finalWords(kind, results.join("\n")) };
  return { toolCalls: [{ name: next.tool, arguments: JSON.stringify(next.with), id: `call_${kind}_${results.length}` }] };
}

function kindOf(prompt: string): Kind {
  const found = ROLES.find(([, beginning]) => prompt.includes(beginning));
  if (found === undefined) throw new Error(`no role is known in: ${prompt.slice(0, 200)}`);
  return found[0];
}

function actionsOf(kind: Kind, rework: boolean): readonly Action[] {
  switch (kind) {
    case "coder":
      return rework
        ? [read("discount.js"), write("discount.js", FILES.documented)]
        : [write("discount.js", FILES.broken), write("discount.test.js", FILES.test)];
    case "ci-fixer":
      return [read("discount.js"), edit("discount.js", FILES.wrongLine, FILES.rightLine), shell("node --test", "Runs the tests")];
    case "reviewer":
    case "merger":
      return [shell("git diff origin/main...HEAD", "Shows the change")];
  }
}

/** The reviewer judges the diff that its own tool showed it. */
function finalWords(kind: Kind, seen: string): string {
  switch (kind) {
    case "coder":
      return "discount() and its test are written.";
    case "ci-fixer":
      return "The percentage was used as a fraction; it is divided by 100 now.";
    case "reviewer":
      return seen.includes(FILES.documentation)
        ? JSON.stringify({ rating: 0.9, summary: "correct, tested, documented" })
        : JSON.stringify({
            rating: 0.6,
            summary: "say what percent means",
            comments: [{ body: "Document the range of percent above discount()." }],
          });
    case "merger":
      return JSON.stringify({ complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one new function with its test" });
  }
}

function textOf(message: Message | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("\n");
}
