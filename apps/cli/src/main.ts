#!/usr/bin/env node
import { processIo } from "./io.js";
import { runCommandLine } from "./program.js";

// The reader went away (millrace logs | head): there is nobody left to tell.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await runCommandLine(processIo(), process.argv.slice(2));
