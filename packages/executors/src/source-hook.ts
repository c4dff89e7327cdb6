import { registerHooks } from "node:module";

// Only for running this package from its sources: an import says `./x.js`, the file is `./x.ts`.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith(".") && specifier.endsWith(".js") && context.parentURL?.endsWith(".ts") === true) {
      return next(`${specifier.slice(0, -3)}.ts`, context);
    }
    return next(specifier, context);
  },
});
