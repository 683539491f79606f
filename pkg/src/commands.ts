import { PortcullisError, invalid, isList, shown } from "./error.js";
import { COMMANDS, type CommandMethods, type CommandTypes } from "./generated/commands.js";
import { field, instant, isDate, list, plain, reading, text } from "./input.js";
import type { CommandShape } from "./values.js";

/** The name of a command. */
export type CommandName = keyof CommandTypes;

/** The name of a command that changes nothing. */
export type AskingCommandName = { [Name in CommandName]: CommandTypes[Name]["asks"] extends true ? Name : never }[CommandName];

/** What a command takes. */
export type CommandArguments<Name extends CommandName> = CommandTypes[Name]["arguments"];

/** What a command answers. */
export type CommandReply<Name extends CommandName> = CommandTypes[Name]["reply"];

/** A command with its arguments by name, for `propose` and `preview`. */
export type CommandCall = {
  [Name in CommandName]: { readonly command: Name } & (Record<never, never> extends CommandArguments<Name>
    ? { readonly arguments?: CommandArguments<Name> }
    : { readonly arguments: CommandArguments<Name> });
}[CommandName];

/** What the commands of a list answer. */
export type Replies<Calls extends readonly CommandCall[]> = { [Place in keyof Calls]: CommandReply<Calls[Place]["command"]> };

/** The commands whose names the package's own methods have; `ask` reaches them. */
export type Shadowed = "check" | "explain" | "tree";

/** The commands that are methods. */
export type Methods = Pick<CommandMethods, Exclude<keyof CommandMethods, Shadowed>>;

/** A command as it crosses into the engine. */
export interface Call {
  readonly command: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly issue?: { readonly hash: string };
}

/** The commands of the table that are no methods of the prototype yet, with their shapes. */
export function missing(prototype: object): [CommandName, CommandShape][] {
  return (Object.entries(COMMANDS) as [CommandName, CommandShape][]).filter(([name]) => !(name in prototype));
}

/** Whether a command only asks. */
export function asks(command: string): boolean {
  return shapeOf(command)?.asks === true;
}

function shapeOf(command: string): CommandShape | undefined {
  return Object.hasOwn(COMMANDS, command) ? COMMANDS[command as CommandName] : undefined;
}

/** The arguments of a call in the documents' shape: some by place, then an object with the others. */
export function gathered(command: string, shape: CommandShape, given: readonly unknown[]): Record<string, unknown> {
  // What is left out may be written as `undefined`.
  const end = given.findLastIndex((value) => value !== undefined) + 1;
  const last = given[end - 1];
  const hasOptions = typeof last === "object" && last !== null && !isList(last) && !isDate(last);
  const placed = given.slice(0, hasOptions ? end - 1 : end);
  if (placed.length > shape.positionals.length) {
    const most = `${shape.positionals.length} arguments by place, then an object with the others`;
    throw invalid(`\`${command}\` takes at most ${most}: ${shown(placed[shape.positionals.length])} is one too many`);
  }
  const named = hasOptions ? reading("options", () => ({ ...(last as Record<string, unknown>) })) : {};
  placed.forEach((value, place) => put(named, command, shape.positionals[place] as string, value));
  return named;
}

function put(named: Record<string, unknown>, command: string, name: string, value: unknown): void {
  if (value === undefined) return;
  if (named[name] !== undefined) throw invalid(`\`${command}\` is given \`${name}\` twice`);
  named[name] = value;
}

/** The commands of a list as they cross into the engine. */
export function calls(commands: readonly CommandCall[], secret: () => string): Call[] {
  return Array.from(list(commands, "commands"), (given, place) => {
    if (typeof given !== "object" || given === null) {
      throw invalid(`\`commands[${place}]\` is ${shown(given)}, and must be an object`);
    }
    const command = text(field(given, "command"), `commands[${place}].command`);
    return call(command, field(given, "arguments"), secret);
  });
}

/** A command as it crosses into the engine. What issues a secret without its hash is given that of one that nobody has. */
export function call(command: string, given: unknown, secret: () => string): Call {
  const shape = shapeOf(command);
  const named = reading(command, () => argumentsOf(command, shape, given));
  if (!shape?.issues) return { command, arguments: named };
  const { secretHash, ...others } = named;
  return { command, arguments: others, issue: { hash: hashOf(secretHash) ?? secret() } };
}

function argumentsOf(command: string, shape: CommandShape | undefined, given: unknown): Record<string, unknown> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || isList(given)) {
    throw invalid(`the arguments of \`${command}\` are ${shown(given)}, and must be an object`);
  }
  const named = { ...given } as Record<string, unknown>;
  for (const [name, value] of Object.entries(named)) {
    if (value === null) throw invalid(`\`${name}\` is \`null\`: leave it out instead`);
    // The empty text clears a date, and what is no date the engine refuses by name.
    if (shape?.instants?.includes(name) && typeof value === "number") named[name] = new Date(instant(value, name));
  }
  return plain(named, "arguments") as Record<string, unknown>;
}

const HASH = /^[0-9a-f]{64}$/i;

function hashOf(given: unknown): string | undefined {
  if (given === undefined || (typeof given === "string" && HASH.test(given))) return given;
  throw invalid(`\`secretHash\` is ${shown(given)}, and must be 64 hexadecimal digits`);
}

/** An answer of the engine. */
interface Answer {
  readonly error?: { readonly code: string; readonly message: string; readonly command?: number };
}

/** Reads an answer; throws if it is a refusal. */
export function answered<T>(json: string): T {
  const answer = JSON.parse(json) as T & Answer;
  if (!answer.error) return answer;
  const { code, message, command } = answer.error;
  throw new PortcullisError(code, message, { command });
}
