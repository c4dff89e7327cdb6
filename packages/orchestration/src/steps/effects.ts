import { assignModule } from "./merger/assign-module.effect.js";
import { collectAnswers } from "./review/collect-answers.effect.js";
import type { CallEffect } from "../run/model/call-effect.js";
import { enrichIncident } from "./release-health/enrich-incident.effect.js";
import { fileIssue } from "./tracker/file-issue.effect.js";
import { gatherEvidence } from "./release-health/gather-evidence.effect.js";
import { ingestBlueprint } from "./job/ingest-blueprint.effect.js";
import { ingestSpecification } from "./job/ingest-specification.effect.js";
import { probeRelease } from "./release-health/probe-release.effect.js";
import { provision } from "./deployer/provision.effect.js";
import { readReview } from "./review/read-review.effect.js";

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
