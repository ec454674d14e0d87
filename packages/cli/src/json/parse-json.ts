import { JsonSyntaxError } from '../errors.js';

/** JSON, with whole numbers that a `number` cannot hold exactly as bigints, and objects as Maps. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;

export type JsonObject = Map<string, JsonValue>;

/** TensorFlow's tensors have at most 254 dimensions. */
const MOST_LEVELS = 512;

const LITERALS = new Map<string, JsonValue>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

const BLANKS = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const LITERAL = /-?[A-Za-z]+/y;

/**
 * Parses JSON as TensorFlow Serving and Python write it: `NaN`, `Infinity` and `-Infinity` are numbers.
 *
 * `JSON.parse` would round whole numbers beyond 2^53, and let the last of two equal names win.
 *
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): JsonValue {
  return new Parser(text).document();
}

class Parser {
  private position = 0;

  constructor(private readonly text: string) {}

  document(): JsonValue {
    // Some editors begin files with a byte order mark.
    if (this.text.startsWith('\ufeff')) this.position = 1;
    const value = this.value(0);
    if (this.peek() !== '') this.fail('Something follows the value');
    return value;
  }

  private value(level: number): JsonValue {
    if (level > MOST_LEVELS) this.fail(`Values are nested more than ${MOST_LEVELS} deep`);
    const next = this.peek();
    if (next === '[') return this.array(level);
    if (next === '{') return this.object(level);
    if (next === '"') return this.string();
    return this.number() ?? this.literal();
  }

  private array(level: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.position++;
    if (this.skip(']')) return items;
    do items.push(this.value(level + 1));
    while (this.skip(','));
    this.expect(']');
    return items;
  }

  private object(level: number): JsonObject {
    const members: JsonObject = new Map();
    this.position++;
    if (this.skip('}')) return members;
    do {
      if (this.peek() !== '"') this.fail('A name in double quotes is missing');
      const name = this.string();
      if (members.has(name)) this.fail(`The name ${JSON.stringify(name)} is there twice`);
      this.expect(':');
      members.set(name, this.value(level + 1));
    } while (this.skip(','));
    this.expect('}');
    return members;
  }

  private string(): string {
    const start = this.position;
    let end = start;
    do end = this.text.indexOf('"', end + 1);
    while (end >= 0 && this.isEscaped(end));
    if (end < 0) this.fail('A string does not end');
    this.position = end + 1;
    try {
      return JSON.parse(this.text.slice(start, end + 1)) as string;
    } catch {
      this.position = start;
      return this.fail('A string is not well-formed');
    }
  }

  private isEscaped(position: number): boolean {
    let first = position;
    while (this.text[first - 1] === '\\') first--;
    return (position - first) % 2 === 1;
  }

  private number(): number | bigint | undefined {
    const match = this.match(NUMBER);
    if (!match) return undefined;
    const [token, fraction, exponent] = match;
    const number = Number(token);
    const isWhole = fraction === undefined && exponent === undefined;
    return isWhole && !Number.isSafeInteger(number) ? BigInt(token) : number;
  }

  private literal(): JsonValue {
    const start = this.position;
    const value = LITERALS.get(this.match(LITERAL)?.[0] ?? '');
    if (value !== undefined) return value;
    this.position = start;
    return this.fail(start === this.text.length ? 'It ends too early' : 'A value is missing');
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match) this.position = pattern.lastIndex;
    return match;
  }

  /** The next character that is not blank. */
  private peek(): string {
    this.match(BLANKS);
    return this.text.charAt(this.position);
  }

  private skip(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position++;
    return true;
  }

  private expect(character: string): void {
    if (!this.skip(character)) this.fail(`"${character}" is missing`);
  }

  private fail(reason: string): never {
    throw new JsonSyntaxError(reason, this.position);
  }
}
