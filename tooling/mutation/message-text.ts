/**
 * Tells Stryker which literals are words for people: texts of errors, failures, verdicts, notifications and questions. Nothing in
 * Millrace matches on such words and no test pins every one of them, so a mutant of one says nothing about a rule. Codes,
 * tags, keys and every other string are mutated.
 */
import type { Ignorer, NodePath } from "@stryker-mutator/api/ignore";
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

declare module "@stryker-mutator/api/ignore" {
  /** Stryker hands over Babel's paths without declaring them; this is what is read of one. */
  interface NodePath {
    readonly key?: string | number | null;
    readonly listKey?: string | undefined;
    readonly parentPath: NodePath | null;
    readonly node: SyntaxNode;
  }
}

interface SyntaxNode {
  readonly type: string;
  readonly name?: string;
  readonly key?: SyntaxNode;
  readonly callee?: SyntaxNode;
  readonly id?: SyntaxNode | null;
}

/** Properties whose value only people read. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(["message", "fix", "because", "why", "question", "title", "body", "text", "hint", "what"]);
/** Functions that take words, and the position of the first such argument. */
const WORDS_FROM: ReadonlyMap<string, number> = new Map([
  ["MillraceError", 1],
  ["described", 1],
  ["fail", 2],
  ["refusedForChecks", 2],
  ["tellWithoutEffect", 1],
  ["refuse", 1],
  ["exhausted", 1],
  ["invalid", 1],
  ["revisit", 2],
]);
/** Functions and variables that only make words. */
const MAKES_WORDS: ReadonlySet<string> = new Set([
  "BY_CODE",
  "BY_KIND",
  "anew",
  "because",
  "edit",
  "evictedMessage",
  "history",
  "inLine",
  "issues",
  "kindsThat",
  "lines",
  "logs",
  "names",
  "onBranch",
  "panelRefusal",
  "retry",
  "show",
  "staleness",
  "suffix",
  "unmoved",
]);
const LITERALS: ReadonlySet<string> = new Set(["StringLiteral", "TemplateLiteral"]);
/** Parents under which a literal is message text only; a comparison is none. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  "ArrowFunctionExpression",
  "BlockStatement",
  "CallExpression",
  "ConditionalExpression",
  "IfStatement",
  "LogicalExpression",
  "MemberExpression",
  "NewExpression",
  "ObjectExpression",
  "ObjectProperty",
  "ReturnStatement",
  "TemplateLiteral",
  "VariableDeclaration",
]);
/** Far above the depth of any expression here. */
const MAX_DEPTH = 40;

function isForPeople(literal: NodePath): boolean {
  let path = literal;
  for (let depth = 0; depth < MAX_DEPTH && path.parentPath !== null; depth += 1) {
    const parent = path.parentPath;
    if (takesWords(path, parent.node)) return true;
    if (!TRANSPARENT.has(parent.node.type)) return false;
    path = parent;
  }
  return false;
}

function takesWords(path: NodePath, parent: SyntaxNode): boolean {
  switch (parent.type) {
    case "ObjectProperty":
      return path.key === "value" && FOR_PEOPLE.has(parent.key?.name ?? "");
    case "CallExpression":
    case "NewExpression":
      return path.listKey === "arguments" && Number(path.key) >= (WORDS_FROM.get(parent.callee?.name ?? "") ?? Number.POSITIVE_INFINITY);
    case "VariableDeclarator":
    case "FunctionDeclaration":
      return MAKES_WORDS.has(parent.id?.name ?? "");
    default:
      return false;
  }
}

const messageText: Ignorer = {
  shouldIgnore: (path) => (LITERALS.has(path.node.type) && isForPeople(path) ? "words for people" : undefined),
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "message-text", messageText)];
