import type { EventDescription, EventText } from "@millrace/contracts";
import { described } from "../shared/describe.logic.js";
import type { OwnFact } from "./state.js";

/** What a fact of the panel itself means to a reader. */
export function describe(fact: OwnFact): EventDescription | null {
  switch (fact.is) {
    case "panel-asked":
      // The first voice is asked in the same commit, which tells it.
      return null;
    case "panel-contribution":
      return described("plain", `${fact.participant} ${fact.round === 0 ? "answers" : `answers the others, round ${fact.round}`}`);
    case "panel-ballot":
      return described("plain", `${fact.participant} votes`);
    case "panel-agreed": {
      const how = [...(fact.confidence === null ? [] : [`confidence ${fact.confidence}`]), ...(fact.isClose ? ["a close vote"] : [])].join(
        ", ",
      );
      return described("plain", `the panel has one answer${how === "" ? "" : ` (${how})`}`);
    }
  }
}

/** The text of a participant. */
export function texts(fact: OwnFact): readonly EventText[] {
  return fact.is === "panel-contribution" ? [{ title: `answer of ${fact.participant}`, output: fact.output }] : [];
}
