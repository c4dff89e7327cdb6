/** A knip reporter that fails when knip read no file: without it, a wrong glob would pass as "nothing unused". */
import type { Reporter } from "knip";

const report: Reporter = ({ counters }) => {
  const looked = counters["processed"] ?? 0;
  if (looked === 0) throw new Error("knip looked at nothing");
  console.log(`unused: ${looked} files looked at`);
};

export default report;
