/** Prints what `examine` finds where this program runs. */
import { createBubblewrap } from "./bubblewrap/bubblewrap.js";

process.stdout.write(JSON.stringify(await createBubblewrap().examine()));
