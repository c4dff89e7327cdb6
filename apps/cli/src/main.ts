#!/usr/bin/env node
// The version is checked before any import: an older Node fails at the first import, with a stack instead of a fix.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `error: millrace needs Node 22.18 or newer; this is ${process.versions.node}\nfix: npx -y -p node@24 -- node ${process.argv.slice(1).join(" ")}\n`,
  );
  process.exitCode = 7;
} else {
  const { processIo } = await import("./io.js");
  const { runCommandLine } = await import("./program.js");
  // The reader of the output has closed it (`millrace runs | head`): there is nothing left to report to.
  process.stdout.on("error", (error: Error) => {
    if (!("code" in error) || error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  process.exitCode = await runCommandLine(processIo(), process.argv.slice(2));
}
