/** A second process on the same board: `node second-host.fixture.ts <folder> [database URL]`. Drives until its standard input ends. */
import { openBoard } from "./local-board.fixture.js";

const [folder, url] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the board's folder");
await using runtime = await openBoard(folder, url);
const driver = await runtime.startDriver();
process.stdout.write("driving\n");
for await (const _ of process.stdin) {
  // The input is ignored until it ends.
}
await driver.stop();
