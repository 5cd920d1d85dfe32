import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type { CreateOutcome, DeleteOutcome, PermissionNumber, Principal, UpdateOutcome } from "../accounts/mod.ts";
import type { WriteOptions } from "../node/mod.ts";
import type { FormBody, Input } from "./form_body.ts";
import type { Errors } from "./parts/fields.tsx";
import type { SignedIn } from "./site.ts";

/** What a form shows: values as the service takes them, what is wrong with them, and the record that is edited. */
export interface FormView<Item> {
  readonly values: Input;
  readonly errors: Errors;
  /** Absent while creating. */
  readonly item: Item | undefined;
  readonly principal: Principal;
}

/** A kind of record that people list, create, edit and delete. Each has its own file in `pages/`. */
export interface Resource<Item> {
  /** Where its pages lie: "/users". */
  readonly path: string;
  /** In words: "user", "Users". */
  readonly singular: string;
  readonly plural: string;
  readonly permission: PermissionNumber;
  /** Who may read the list; those with `permission` where absent. */
  readonly listIsForAll?: boolean;
  /** Long texts travel better unescaped. */
  readonly multipart?: boolean;
  /** Better words for the fields, in the summary of errors. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The form's name for what the service calls by its path (`ports.0.port`); the same where absent. */
  fieldOf?(name: string): string;
  listPage(c: Context<SignedIn>): Response | Promise<Response>;
  idOf(item: Item): string;
  nameOf(item: Item): string;
  find(principal: Principal, id: string): Item | undefined;
  /** The values of a new record's form. */
  blank(): Input;
  /** A record in the shape of its service's input. */
  inputOf(item: Item): Input;
  /** A sent form in the shape of the service's input. */
  read(form: FormBody, item: Item | undefined): Input;
  form(view: FormView<Item>): Child;
  /** What stands between the heading and the form, for warnings about this record. */
  notice?(item: Item): Child;
  /** Further actions below the form. */
  extras?(item: Item, principal: Principal): Child;
  /** Why the record cannot be deleted by this visitor at all; undefined where it can. */
  keepReason?(item: Item, principal: Principal): string | undefined;
  /** Looks at a form before it is saved, where there is more to say than the service does; "Check" is offered then. */
  check?(input: Input): Errors;
  create(principal: Principal, input: Input, write: WriteOptions): Promise<CreateOutcome>;
  update(
    principal: Principal,
    id: string,
    input: Input,
    options: { readonly base: Input; readonly version: string; readonly write: WriteOptions },
  ): Promise<UpdateOutcome>;
  delete(principal: Principal, id: string, write: WriteOptions): Promise<DeleteOutcome>;
}
