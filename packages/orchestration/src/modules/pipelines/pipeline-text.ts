/** Pipelines as text that people keep and send: YAML, and JSON, which is YAML too and so has lines as well. */
import { pipelineSchema, type Pipeline, type PipelineFormat, type PipelineIssue } from "@millrace/contracts";
import { isNode, LineCounter, parseDocument, stringify, type Document } from "yaml";
import { invalidPipeline, refuse, schemaIssues } from "../../run/pipelines/shape.logic.js";
import { compactPipeline } from "./pipelines.logic.js";

/** A pipeline out of a text, and the line of each of its steps, from 1. */
export interface ReadPipeline {
  readonly pipeline: Pipeline;
  readonly lineOf: (issue: PipelineIssue) => PipelineIssue;
}

/** Aliases that a text may follow: a few, so that a short text is no long one. */
const MAX_ALIASES = 20;

/**
 * Reads a pipeline from text. Not checked yet: whether it can run.
 * @throws MillraceError `pipeline_invalid` with the line of each issue.
 */
export function readPipelineText(text: string, format: PipelineFormat): ReadPipeline {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: format === "json" ? "json" : "core", prettyErrors: false });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  refuse(
    `this is no ${format.toUpperCase()}`,
    document.errors.map(({ message, pos }) => issueAt(lineAt(pos[0]), message)),
  );
  const value = valueOf(document, text, format);
  const lineOfPath = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range != null) return lineAt(node.range[0]);
    }
    return 1;
  };
  const parsed = pipelineSchema.safeParse(value);
  if (!parsed.success) {
    const issues = schemaIssues(parsed.error).map((issue, index) => at(lineOfPath(parsed.error.issues[index]?.path ?? []), issue));
    throw invalidPipeline("this is no pipeline", issues);
  }
  return {
    pipeline: parsed.data,
    lineOf: (issue) => at(lineOfPath(issue.step === null ? ["steps"] : ["steps", issue.step - 1]), issue),
  };
}

/** A pipeline as text, without what its schema fills in. */
export function writePipelineText(pipeline: Pipeline, format: PipelineFormat): string {
  const compact = compactPipeline(pipeline);
  return format === "json" ? `${JSON.stringify(compact, null, 2)}\n` : stringify(compact);
}

function valueOf(document: Document, text: string, format: PipelineFormat): unknown {
  try {
    return format === "json" ? JSON.parse(text) : document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const what = error instanceof Error ? error.message : "it cannot be read";
    throw invalidPipeline(`this is no ${format.toUpperCase()}`, [issueAt(1, what)]);
  }
}

function issueAt(line: number, message: string): PipelineIssue {
  return at(line, { step: null, kind: null, message, fix: "correct the text at that line" });
}

/** The line stands in the message too: most readers show only that. */
function at(line: number, issue: PipelineIssue): PipelineIssue {
  return { ...issue, message: `line ${line}: ${issue.message}`, line };
}
