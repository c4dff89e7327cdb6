import { assignModule } from "./assign-module.effect.js";
import { collectAnswers } from "./collect-answers.effect.js";
import type { CallEffect } from "./effect.js";
import { enrichIncident } from "./enrich-incident.effect.js";
import { fileIssue } from "./file-issue.effect.js";
import { gatherEvidence } from "./gather-evidence.effect.js";
import { ingestBlueprint } from "./ingest-blueprint.effect.js";
import { ingestSpecification } from "./ingest-specification.effect.js";
import { probeRelease } from "./probe-release.effect.js";
import { provision } from "./provision.effect.js";
import { readReview } from "./read-review.effect.js";

/** The effects Millrace ships. Add a line to add one. */
export const builtInEffects: readonly CallEffect[] = [
  assignModule,
  collectAnswers,
  enrichIncident,
  fileIssue,
  gatherEvidence,
  ingestBlueprint,
  ingestSpecification,
  probeRelease,
  provision,
  readReview,
];
