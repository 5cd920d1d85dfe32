import { printable } from "../base/mod.ts";
import type { MemberStatus } from "../cluster/mod.ts";

/** The same with everything that another server chose made safe to show, so that no view of it can forget to. */
export function printableStatus(member: MemberStatus): MemberStatus {
  const { facts } = member;
  return {
    ...member,
    label: printable(member.label),
    problem: member.problem && printable(member.problem),
    facts: facts && {
      ...facts,
      address: printable(facts.address),
      zone: printable(facts.zone),
      hostname: printable(facts.hostname),
      version: printable(facts.version),
      apiEndpoint: printable(facts.apiEndpoint),
    },
  };
}
