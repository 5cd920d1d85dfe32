import { printable } from "../base/mod.ts";
import type { MemberFacts, MemberStatus } from "../cluster/mod.ts";

/** Facts never change, others take their place: each are looked through once, however often they are shown. */
const printableFacts = new WeakMap<MemberFacts, MemberFacts>();

/** The same with everything that another server chose made safe to show, so that no view of it can forget to. */
export function printableStatus(member: MemberStatus): MemberStatus {
  const { facts } = member;
  return {
    ...member,
    label: printable(member.label),
    problem: member.problem && printable(member.problem),
    facts: facts && factsOf(facts),
  };
}

function factsOf(facts: MemberFacts): MemberFacts {
  let shown = printableFacts.get(facts);
  if (shown === undefined) {
    shown = {
      ...facts,
      address: printable(facts.address),
      zone: printable(facts.zone),
      hostname: printable(facts.hostname),
      version: printable(facts.version),
      apiEndpoint: printable(facts.apiEndpoint),
    };
    printableFacts.set(facts, shown);
  }
  return shown;
}
