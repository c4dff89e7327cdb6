/** sherif: the package.json files agree with each other. */
import { conclude, run } from "./lib.ts";

const sherif = run("sherif", []);
process.stdout.write(sherif.output);
const looked = Number(/across (\d+) packages/.exec(sherif.output)?.[1] ?? 0);
conclude("manifests", looked, "packages", sherif.code === 0 ? [] : ["sherif found problems (above)"]);
