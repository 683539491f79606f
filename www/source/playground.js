/**
 * What the page is about at a moment: the policy, the question that is asked of it, the clock, and the edits that are
 * being made. Views read it and call its methods; each of them ends by having the page drawn again.
 *
 * @typedef {import("./draft.js").Edit} Edit
 * @typedef {import("./draft.js").Command} Command
 * @typedef {import("./policy.js").Node} Node
 * @typedef {"access" | "people" | "personas" | "time" | "cases"} Tab
 * @typedef {{ who: string, privilege: string, path: string }} Question
 * @typedef {{ snapshot: Uint8Array, title: string, question: Question, at: number, about: string }} Moment
 * @typedef {{ kind: "good" | "bad", text: string }} Notice
 * @typedef {{ policy: Policy, changes: readonly import("portcullis").AccessChange[] }} Outlook
 */
import { Portcullis } from "portcullis";
import { commandsOf, NO_EDITS } from "./draft.js";
import { DAY_MS } from "./instants.js";
import { Policy, wayUp } from "./policy.js";
import { QUESTION as FIRST_QUESTION, SAMPLE_AT, samplePolicy } from "./sample.js";

/** How many changes of the effects are shown at most. */
const CHANGES_SHOWN = 200;

export class Playground {
  /** @type {Tab} */
  tab = "access";
  /** @type {Question} */
  question = { ...FIRST_QUESTION };
  title = "A small shop";
  /** @type {readonly Edit[]} */
  edits = NO_EDITS;
  /** @type {Outlook | undefined} */
  outlook;
  /** @type {Set<string>} */
  open = new Set();
  showsAll = false;
  find = "";
  /** @type {Notice | undefined} */
  notice;
  /** @type {Moment[]} */
  past = [];
  /** @type {Moment[]} */
  future = [];
  /** @type {Policy} */
  #policy;
  /** @type {{ at: number }} */
  #clock;
  /** @type {() => void} */
  #draw;
  /** When the policy was opened, by its clock. */
  #home = SAMPLE_AT;
  /** The change of the edits that is under way. */
  #editing = Promise.resolve();
  /** Whether the edits will be looked at again, at another time of the clock. */
  #isDue = false;

  /**
   * @param {Policy} policy
   * @param {{ at: number }} clock what the policy's engine goes by
   * @param {() => void} draw
   */
  constructor(policy, clock, draw) {
    this.#policy = policy;
    this.#clock = clock;
    this.#draw = draw;
    this.openAll();
  }

  /**
   * A playground with the sample.
   * @param {() => void} draw
   */
  static async begin(draw) {
    const clock = { at: SAMPLE_AT };
    return new Playground(new Policy(await samplePolicy(clock)), clock, draw);
  }

  get policy() {
    return this.#policy;
  }

  get engine() {
    return this.#policy.engine;
  }

  /** The instant that all answers are for, in milliseconds. */
  get at() {
    return this.#clock.at;
  }

  set at(ms) {
    this.#clock.at = ms;
  }

  /** The policy as it would be with the edits. */
  get drafted() {
    return this.outlook?.policy ?? this.#policy;
  }

  /** The object that is asked about, or the nearest above it where it is not registered. */
  get node() {
    return this.#policy.nearest(this.question.path);
  }

  /** From when to when the clock can be drawn: whole days around all that begins or ends. It stays while it is drawn. */
  get span() {
    const instants = [...this.#policy.boundaries, this.#home];
    const from = Math.min(Math.min(...instants) - 10 * DAY_MS, this.at);
    const to = Math.max(Math.max(...instants) + 20 * DAY_MS, this.at);
    return { from: Math.floor(from / DAY_MS) * DAY_MS, to: Math.ceil(to / DAY_MS) * DAY_MS };
  }

  /** Has the page drawn again. */
  redraw() {
    this.#draw();
  }

  /** @param {Tab} tab */
  show(tab) {
    this.tab = tab;
    this.#draw();
  }

  /** @param {Partial<Question>} question */
  ask(question) {
    this.question = { ...this.question, ...question };
    if (question.path) this.#openAbove(question.path);
    this.#draw();
  }

  /** @param {number} ms */
  setClock(ms) {
    this.at = ms;
    this.#draw();
    if (this.edits.length) this.#lookAgain();
  }

  /** Opens the whole tree, unless it is a big one: then the first levels. */
  openAll() {
    const nodes = this.#policy.nodes;
    const isSmall = nodes.length < 400;
    this.open = new Set(
      nodes.filter((node) => node.children.length && (isSmall || node.depth < 2)).map((node) => node.path),
    );
  }

  /**
   * @param {string} path
   * @param {boolean} isOpen
   */
  setOpen(path, isOpen) {
    if (isOpen) this.open.add(path);
    else this.open.delete(path);
    this.#draw();
  }

  /**
   * Makes other edits of those there are, one change after the other, unless the engine would refuse them.
   * @param {(edits: readonly Edit[]) => readonly Edit[]} change
   */
  edit(change) {
    this.#editing = this.#editing.then(() => this.#take(change(this.edits)));
    return this.#editing;
  }

  /** Does what the edits say. */
  async applyEdits() {
    await this.#editing;
    const commands = commandsOf(this.edits);
    if (commands.length)
      this.command(commands, commands.length === 1 ? commands[0].command : `${commands.length} commands`);
  }

  discardEdits() {
    return this.edit(() => NO_EDITS);
  }

  /**
   * Commands that are done at once. Says whether they were.
   * @param {Command[]} commands
   * @param {string} about what was done, for undoing it
   * @param {string} [as]
   */
  command(commands, about, as) {
    const moment = this.#moment(about);
    try {
      this.engine.apply(this.engine.propose(/** @type {any} */ (commands), as ? { as } : {}));
    } catch (refusal) {
      this.say("bad", messageOf(refusal));
      return false;
    }
    this.past.push(moment);
    this.future = [];
    this.#have(new Policy(this.engine));
    for (const { arguments: said } of commands) if (said.path) this.#openAbove(said.path);
    this.say("good", `Done: ${about}`);
    return true;
  }

  /**
   * Another policy in the place of this one; it can be undone.
   * @param {Portcullis} engine
   * @param {{ title: string, at?: number, question?: Partial<Question>, about: string }} what
   */
  replace(engine, what) {
    this.past.push(this.#moment(what.about));
    this.future = [];
    this.#begin(what.at ?? this.at);
    this.title = what.title;
    this.#have(new Policy(engine));
    this.openAll();
    this.ask({ ...this.#possible(), ...what.question });
  }

  /** An engine with the bytes' policy, that goes by this clock. @param {Uint8Array} bytes */
  load(bytes) {
    const clock = this.#clock;
    return Portcullis.load(bytes, { clock: () => clock.at });
  }

  async undo() {
    await this.#travel(this.past, this.future, "Undone");
  }

  async redo() {
    await this.#travel(this.future, this.past, "Redone");
  }

  /**
   * @param {"good" | "bad"} kind
   * @param {string} text
   */
  say(kind, text) {
    this.notice = { kind, text };
    this.#draw();
  }

  dismissNotice() {
    this.notice = undefined;
    this.#draw();
  }

  /**
   * @param {Moment[]} from
   * @param {Moment[]} to
   * @param {string} said
   */
  async #travel(from, to, said) {
    const moment = from.pop();
    if (!moment) return;
    const engine = await this.load(moment.snapshot);
    to.push(this.#moment(moment.about));
    this.title = moment.title;
    this.#begin(moment.at);
    this.#have(new Policy(engine));
    this.ask(moment.question);
    this.say("good", `${said}: ${moment.about}`);
  }

  /** @param {number} at */
  #begin(at) {
    this.at = at;
    this.#home = at;
  }

  /** @param {string} about @returns {Moment} */
  #moment(about) {
    return { snapshot: this.engine.snapshot(), title: this.title, question: this.question, at: this.at, about };
  }

  /** @param {Policy} policy */
  #have(policy) {
    this.#policy = policy;
    this.edits = NO_EDITS;
    this.outlook = undefined;
  }

  /** The question, with what there is in the place of what there is not. */
  #possible() {
    const { who, privilege, path } = this.question;
    const { principals, privileges } = this.#policy;
    const anybody =
      principals.find(
        (each) =>
          each.type === "user" && !["admin", "default"].includes(each.name) && !each.name.startsWith("project: "),
      ) ?? principals[0];
    return {
      who: principals.some((each) => each.id === who) ? who : anybody.id,
      privilege: privileges.includes(privilege) ? privilege : privileges[0],
      path: this.#policy.node(path) ? path : this.#firstObject(),
    };
  }

  #firstObject() {
    const telling = this.#policy.nodes.filter((node) => node.type !== "systemObject" && this.#policy.isTelling(node));
    return (telling[0] ?? this.#policy.nodes[0]).path;
  }

  /** @param {string} path */
  #openAbove(path) {
    for (const above of wayUp(this.#policy.nearest(path).parent)) this.open.add(above.path);
  }

  /** Looks once at what the edits come to by now, however often the clock has moved until then. */
  #lookAgain() {
    if (this.#isDue) return;
    this.#isDue = true;
    this.edit((edits) => {
      this.#isDue = false;
      return edits;
    });
  }

  /** @param {readonly Edit[]} edits */
  async #take(edits) {
    const { engine } = this;
    const outlook = await this.#outlook(edits);
    if (engine !== this.engine) return;
    if (typeof outlook === "string") return this.say("bad", outlook);
    this.edits = edits;
    this.outlook = outlook;
    this.#draw();
  }

  /**
   * What the edits would come to, or why they are refused.
   * @param {readonly Edit[]} edits
   * @returns {Promise<Outlook | string | undefined>}
   */
  async #outlook(edits) {
    if (edits.length === 0) return undefined;
    const commands = /** @type {any} */ (commandsOf(edits));
    try {
      const { access } = this.engine.preview(commands, { limit: CHANGES_SHOWN });
      const { changes } = this.engine.propose(commands);
      const rehearsal = await this.load(this.engine.snapshot());
      if (changes) rehearsal.apply(changes);
      return { policy: new Policy(rehearsal), changes: access };
    } catch (refusal) {
      return messageOf(refusal);
    }
  }
}

/** @param {unknown} refusal */
export function messageOf(refusal) {
  const text = refusal instanceof Error ? refusal.message : String(refusal);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
