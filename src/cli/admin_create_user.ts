import { Command } from "commander";
import type { Admin } from "../admin/mod.ts";
import { type AtSeat, refusedFields } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { readNewPassword } from "./password.ts";

type NewUser = Parameters<Admin["createUser"]>[0];

/** The built-in role that may do everything; its id is the same in every data set. */
const ADMIN_ROLE = "00000000-0000-0000-0000-000000000000";

/** `knot admin create-user`: also the way back in where no admin is left. */
export function adminCreateUserCommand(io: Io, atSeat: AtSeat): Command {
  const command = new Command("create-user")
    .description("create a user; the password is asked for, piped in, or in KNOT_PASSWORD")
    .argument("<USERNAME>")
    .argument("<EMAIL>", "what the user signs in with")
    .option("--admin", "give the admin role, which may do everything; the first user has it anyway")
    .option("--role <ROLE>", "give a role, by name or id; repeat for more", collect)
    .option("--new", "begin the data folder where there is none, before the server's first start")
    .addHelpText("after", EXAMPLES);
  return command.action(
    async (username: string, email: string, options: { admin?: true; role?: string[]; new?: true }) => {
      const roles = [...options.admin ? [ADMIN_ROLE] : [], ...options.role ?? []];
      const password = await readNewPassword(io);
      await atSeat(command, (admin) => create(admin, { username, email, password, roles }), {
        mayBegin: options.new,
      });
    },
  );
}

const EXAMPLES = `
Examples:
  knot admin create-user ann ann@example.com --admin
  pass show knot/ann | knot admin create-user ann ann@example.com --role Developers`;

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

async function create(admin: Admin, user: NewUser): Promise<string> {
  const tried = `Cannot create user "${user.username}"`;
  const outcome = await admin.createUser(user);
  switch (outcome.kind) {
    case "created":
      return `Created ${outcome.admin ? "admin" : "user"} ${user.username}, who signs in as ${user.email}.`;
    case "invalid":
    case "name_taken":
      throw new CommandFailure(refusedFields(tried, outcome.fields));
    case "joining":
      throw new CommandFailure(`${tried}: the server is empty and still looks for its cluster, where users come from`);
    case "failed":
      throw new CommandFailure(`${tried}: ${outcome.reason}`);
  }
}
