/**
 * The thinking of the agent, as a function of the conversation it sends: stateless, so that a repeated request has the same
 * answer. Everything around the thinking is the agent's own: its loop, its tools, its files.
 */
import { FILES } from "./sample-service.ts";

/** First line of a listing. */
const LOOKED = "LISTING-FROM-INSIDE";

interface Message {
  readonly role: string;
  readonly content?: string | readonly { readonly type: string; readonly text?: string }[] | null;
}

/** The part of a chat completion request that is read. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly tools?: readonly unknown[];
}

export type ModelAnswer =
  | { readonly content: string }
  | { readonly toolCalls: readonly { readonly name: string; readonly arguments: string; readonly id: string }[] };

/** A call of one of the agent's tools. */
export interface Action {
  readonly tool: string;
  readonly with: Readonly<Record<string, string>>;
}

/** Names of an agent's tools. */
export interface Tools {
  write(file: string, content: string): Action;
  read(file: string): Action;
  edit(file: string, before: string, after: string): Action;
  shell(command: string, description: string): Action;
}

/** Shows what processes of the agent can see. */
const LOOK = `echo "$LOOKED"; for folder in / /home /home/*/ /run/* /tmp; do echo "$folder: $(ls -A "$folder" | tr '\\n' ' ')"; done
echo "variables: $(env | cut -d= -f1 | grep -E '^[A-Za-z_]+$' | sort | tr '\\n' ' ')"
echo "processes: $(for entry in /proc/[0-9]*; do echo "\${entry#/proc/} $(cat "$entry/comm" 2>/dev/null),"; done | tr '\\n' ' ')"
echo "interfaces: $(tail -n +3 /proc/net/dev | cut -d: -f1 | tr '\\n' ' ')"
echo "user: $(id)"`.replace("$LOOKED", LOOKED);

type Kind = "coder" | "ci-fixer" | "reviewer" | "merger";

/** First words of each kind's role. They are Millrace's prompts, so a changed role fails here. */
const ROLES: readonly (readonly [Kind, string])[] = [
  ["ci-fixer", "CI is red on the branch"],
  ["reviewer", "You review the change"],
  ["merger", "You score the diff"],
  ["coder", "You implement the task"],
];

/** What the agent's processes could see, when it has looked around; else null. */
export function listingOf(request: ModelRequest): string | null {
  const seen = request.messages.map(textOf).find((text) => text.startsWith(LOOKED) || text.includes(`\n${LOOKED}\n`));
  return seen === undefined ? null : seen.slice(seen.indexOf(LOOKED) + LOOKED.length).trim();
}

export function answerTo(request: ModelRequest, tools: Tools): ModelAnswer {
  // Agents ask for a title of the session beside their work, without tools.
  if (request.tools === undefined || request.tools.length === 0) return { content: "A scripted session" };
  const asked = request.messages.findLastIndex((message) => message.role === "user");
  const prompt = textOf(request.messages[asked]);
  const results = request.messages
    .slice(asked + 1)
    .filter((message) => message.role === "tool")
    .map(textOf);
  const kind = kindOf(prompt);
  const actions = actionsOf(kind, prompt.includes("This is a rework."), tools);
  const next = actions[results.length];
  if (next === undefined) return { content: finalWords(kind, results.join("\n")) };
  return { toolCalls: [{ name: next.tool, arguments: JSON.stringify(next.with), id: `call_${kind}_${results.length}` }] };
}

function kindOf(prompt: string): Kind {
  const found = ROLES.find(([, beginning]) => prompt.includes(beginning));
  if (found === undefined) throw new Error(`no role is known in: ${prompt.slice(0, 200)}`);
  return found[0];
}

function actionsOf(kind: Kind, rework: boolean, tools: Tools): readonly Action[] {
  switch (kind) {
    case "coder":
      return rework
        ? [tools.read("discount.js"), tools.write("discount.js", FILES.documented)]
        : [tools.write("discount.js", FILES.broken), tools.write("discount.test.js", FILES.test)];
    case "ci-fixer":
      return [
        tools.read("discount.js"),
        tools.edit("discount.js", FILES.wrongLine, FILES.rightLine),
        tools.shell("node --test", "Runs the tests"),
      ];
    case "merger":
      return [tools.shell("git diff origin/main...HEAD", "Shows the change"), tools.shell(LOOK, "Looks around")];
    case "reviewer":
      return [tools.shell("git diff origin/main...HEAD", "Shows the change")];
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
