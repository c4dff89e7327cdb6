import type { TaskFields } from "@millrace/contracts";

/** What a task says beside its description, as lines that follow it in a prompt; empty when it says nothing. */
export function taskFieldsText({ severity, timeboxHours, docKind, stepsToReproduce }: TaskFields): string {
  const lines = [
    ...(severity === undefined ? [] : [`Severity: ${severity}`]),
    ...(timeboxHours === undefined ? [] : [`Time box: ${timeboxHours} hours`]),
    ...(docKind === undefined ? [] : [`Kind of document: ${docKind}`]),
    ...(stepsToReproduce === undefined ? [] : [`Steps to reproduce:\n${stepsToReproduce}`]),
  ];
  return lines.join("\n");
}
