// Turns one .proto file, as buf describes it, into TypeScript: types, and code that reads and writes each message.
//
// The code is made for its message, and refers to no descriptor, because that is what a process pays for at its start:
// reading a graph of 1 MB this way takes a tenth of the time that an interpreter of descriptors takes cold.

const SCALARS = {
  TYPE_DOUBLE: { type: 'number', method: 'double', wire: 1, zero: '0' },
  TYPE_FLOAT: { type: 'number', method: 'float', wire: 5, zero: '0' },
  TYPE_INT64: { type: 'bigint', method: 'int64', wire: 0, zero: '0n' },
  TYPE_UINT64: { type: 'bigint', method: 'uint64', wire: 0, zero: '0n' },
  TYPE_SINT64: { type: 'bigint', method: 'sint64', wire: 0, zero: '0n' },
  TYPE_INT32: { type: 'number', method: 'int32', wire: 0, zero: '0' },
  TYPE_UINT32: { type: 'number', method: 'uint32', wire: 0, zero: '0' },
  TYPE_FIXED32: { type: 'number', method: 'fixed32', wire: 5, zero: '0' },
  TYPE_BOOL: { type: 'boolean', method: 'bool', wire: 0, zero: 'false' },
  TYPE_STRING: { type: 'string', method: 'string', wire: 2, zero: "''" },
  TYPE_BYTES: { type: 'Uint8Array', method: 'take', wire: 2, zero: 'NO_BYTES' },
};

const DELIMITED = 2;

const PROTOBUF_TYPES = ['type Message', 'type Reader', 'type Schema', 'type Writer'];

/** Every message and enum of all files, by its full name. */
export function register(files) {
  const types = new Map();
  const add = (file, scope, prefix, kind) => (descriptor) => {
    const fullName = `${scope}.${descriptor.name}`;
    const localName = prefix === '' ? descriptor.name : `${prefix}_${descriptor.name}`;
    types.set(fullName, { file, fullName, localName, descriptor, kind });
    for (const nested of descriptor.nestedType ?? []) add(file, fullName, localName, 'message')(nested);
    for (const nested of kind === 'message' ? (descriptor.enumType ?? []) : []) {
      add(file, fullName, localName, 'enum')(nested);
    }
  };
  for (const file of files) {
    file.messageType?.forEach(add(file, `.${file.package}`, '', 'message'));
    file.enumType?.forEach(add(file, `.${file.package}`, '', 'enum'));
  }
  return types;
}

/** Where the TypeScript of a .proto file goes, in the folder of what is generated. */
export function outputPath(file) {
  return file.name.replace(/\.proto$/, '_pb.ts');
}

export function typescriptOf(file, types) {
  return new FileWriter(file, types).write();
}

class FileWriter {
  constructor(file, types) {
    this.file = file;
    this.types = types;
    this.comments = new Map(
      (file.sourceCodeInfo?.location ?? [])
        .filter((location) => location.leadingComments !== undefined)
        .map((location) => [location.path.join('.'), location.leadingComments]),
    );
    /** From a file to the names that are imported of it. */
    this.imports = new Map();
    /** The values that are imported of protobuf.ts. */
    this.runtime = new Set();
    this.body = [];
  }

  write() {
    this.file.enumType?.forEach((descriptor, index) => {
      this.writeEnum(this.types.get(`.${this.file.package}.${descriptor.name}`), `5.${index}`);
    });
    this.file.messageType?.forEach((descriptor, index) => {
      this.writeMessage(this.types.get(`.${this.file.package}.${descriptor.name}`), `4.${index}`);
    });
    const depth = this.file.name.split('/').length - 1;
    const root = depth === 0 ? './' : '../'.repeat(depth);
    const imports = [...this.imports]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, names]) => {
        const path = `${root}${name.replace(/\.proto$/, '_pb.js')}`;
        return `import { ${[...names].sort().join(', ')} } from '${path}';`;
      });
    return [
      `// Generated from ${this.file.name} by tools/proto/generate.mjs. Do not change it here.`,
      `import { ${[...this.runtime, ...PROTOBUF_TYPES].join(', ')} } from '${root}protobuf.js';`,
      ...imports,
      '',
      ...this.body,
      '',
    ].join('\n');
  }

  comment(path, indent = '') {
    const text = this.comments.get(path);
    if (text === undefined) return [];
    const lines = text.trimEnd().split('\n');
    if (lines.length === 1) return [`${indent}/**${lines[0]} */`];
    return [`${indent}/**`, ...lines.map((line) => `${indent} *${line}`.trimEnd()), `${indent} */`];
  }

  /** The local name of a type, imported if it is another file's. */
  use(fullName, suffix = '') {
    const type = this.types.get(fullName);
    const name = type.localName + suffix;
    if (type.file !== this.file) {
      const names = this.imports.get(type.file.name) ?? new Set();
      this.imports.set(type.file.name, names);
      names.add(suffix === '' ? `type ${name}` : name);
    }
    return name;
  }

  writeEnum({ localName, descriptor }, path) {
    // The values' common prefix, where it is the enum's own name: the enum says that already.
    const prefix = `${descriptor.name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_`;
    const strip = descriptor.value.every(({ name }) => name.startsWith(prefix));
    this.body.push(...this.comment(path), `export enum ${localName} {`);
    descriptor.value.forEach(({ name, number }, index) => {
      const local = strip ? name.slice(prefix.length) : name;
      this.body.push(...this.comment(`${path}.2.${index}`, '  '), `  ${local} = ${number ?? 0},`);
    });
    this.body.push('}', '');
  }

  writeMessage({ fullName, localName, descriptor }, path) {
    const name = fullName.slice(1);
    const members = this.membersOf(descriptor, path);
    this.body.push(
      ...this.comment(path),
      `export interface ${localName} extends Message<'${name}'> {`,
      ...members.flatMap((member) => [...member.comment, `  ${member.declaration};`]),
      '}',
      '',
      `export const ${localName}Schema: Schema<${localName}> = {`,
      `  typeName: '${name}',`,
      '  make: () => ({',
      `    $typeName: '${name}',`,
      ...members.map((member) => `    ${member.name}: ${member.initial},`),
      '  }),',
      `  decode(reader: Reader, end: number, message: ${localName}): void {`,
      '    while (reader.position < end) {',
      '      const start = reader.position;',
      '      const tag = reader.tag();',
      '      switch (tag) {',
      ...members.flatMap((member) => member.decode).map((line) => `        ${line}`),
      '        default:',
      '          reader.keep(message, tag, start);',
      '      }',
      '    }',
      '  },',
      `  encode(message: ${localName}, writer: Writer): void {`,
      ...members.flatMap((member) => member.encode).map((line) => `    ${line}`),
      '    writer.unknown(message);',
      '  },',
      '  nested: {',
      ...members.flatMap((member) => (member.nesting === undefined ? [] : [`    ${member.name}: ${member.nesting},`])),
      '  },',
      '};',
      '',
    );
    descriptor.nestedType?.forEach((nested, index) => {
      if (!nested.options?.mapEntry)
        this.writeMessage(this.types.get(`${fullName}.${nested.name}`), `${path}.3.${index}`);
    });
    descriptor.enumType?.forEach((nested, index) => {
      this.writeEnum(this.types.get(`${fullName}.${nested.name}`), `${path}.4.${index}`);
    });
  }

  /** The fields as TypeScript has them: a oneof is one. */
  membersOf(descriptor, path) {
    const members = [];
    const oneofs = new Map();
    (descriptor.field ?? []).forEach((field, index) => {
      const comment = this.comment(`${path}.2.${index}`, '  ');
      if (field.oneofIndex === undefined || field.proto3Optional) {
        members.push({ comment, ...this.member(field) });
      } else if (oneofs.has(field.oneofIndex)) {
        oneofs.get(field.oneofIndex).push(field);
      } else {
        const fields = [field];
        oneofs.set(field.oneofIndex, fields);
        const oneofPath = `${path}.8.${field.oneofIndex}`;
        members.push({ fields, oneof: field.oneofIndex, comment: this.comment(oneofPath, '  ') });
      }
    });
    return members.map((member) =>
      member.oneof === undefined
        ? member
        : { ...member, ...this.oneofMember(camelCase(descriptor.oneofDecl[member.oneof].name), member.fields) },
    );
  }

  member(field) {
    const type = this.types.get(field.typeName);
    if (type?.descriptor.options?.mapEntry) return this.mapMember(field, type.descriptor);
    if (field.label === 'LABEL_REPEATED') return this.listMember(field);
    const name = camelCase(field.name);
    const at = `message.${name}`;
    if (field.type === 'TYPE_MESSAGE') {
      return {
        name,
        declaration: `${name}?: ${this.use(field.typeName)} | undefined`,
        initial: 'undefined',
        decode: this.decodeCase(field, [`${at} = ${this.readField(field, at)};`]),
        encode: [`if (${at} !== undefined) ${this.writeField(field, at)}`],
        nesting: this.nesting('one', field),
      };
    }
    const { type: typescript, zero } = this.scalar(field);
    const isFloat = field.type === 'TYPE_FLOAT' || field.type === 'TYPE_DOUBLE';
    const present = field.proto3Optional
      ? `${at} !== undefined`
      : field.type === 'TYPE_BYTES'
        ? `${at}.length > 0`
        : isFloat
          ? // A negative zero is not the default.
            `!Object.is(${at}, 0)`
          : typescript === 'boolean'
            ? at
            : `${at} !== ${zero}`;
    return {
      name,
      declaration: field.proto3Optional ? `${name}?: ${typescript} | undefined` : `${name}: ${typescript}`,
      initial: field.proto3Optional ? 'undefined' : this.zero(field),
      decode: this.decodeCase(field, [`${at} = ${this.readField(field)};`]),
      encode: [`if (${present}) ${this.writeField(field, at)}`],
    };
  }

  listMember(field) {
    const name = camelCase(field.name);
    const at = `message.${name}`;
    const isMessage = field.type === 'TYPE_MESSAGE';
    const element = isMessage ? this.use(field.typeName) : this.scalar(field).type;
    const read = `${at} = ${this.useRuntime('append')}(${at}, ${this.readField(field)});`;
    const decode = this.decodeCase(field, [read]);
    let encode = [`for (const item of ${at}) ${this.writeField(field, 'item')}`];
    if (!isMessage && this.scalar(field).wire !== DELIMITED) {
      const packed = tagOf(field, DELIMITED);
      decode.push(
        `case ${packed}: {`,
        '  const limit = reader.open();',
        `  while (reader.position < limit) ${read}`,
        '  reader.close(limit);',
        '  break;',
        '}',
      );
      encode = [
        `if (${at}.length > 0) {`,
        `  writer.uint32(${packed});`,
        '  const mark = writer.open();',
        `  for (const item of ${at}) writer.${this.scalar(field).method}(item);`,
        '  writer.close(mark);',
        '}',
      ];
    }
    return {
      name,
      declaration: `${name}: ${element}[]`,
      initial: this.useRuntime('NO_ITEMS'),
      decode,
      encode,
      ...(isMessage && { nesting: this.nesting('list', field) }),
    };
  }

  mapMember(field, entry) {
    const name = camelCase(field.name);
    const at = `message.${name}`;
    const [key, value] = entry.field;
    const isMessage = value.type === 'TYPE_MESSAGE';
    const keyType = this.scalar(key).type;
    if (keyType !== 'string' && keyType !== 'number')
      throw new Error(`${field.name}: keys of this type are not supported.`);
    const valueType = isMessage ? this.use(value.typeName) : this.scalar(value).type;
    const initial = isMessage ? `${this.use(value.typeName, 'Schema')}.make()` : this.zero(value);
    return {
      name,
      declaration: `${name}: { [key: ${keyType}]: ${valueType} }`,
      initial: this.useRuntime('EmptyMap', 'new EmptyMap()'),
      decode: [
        `case ${tagOf(field, DELIMITED)}: {`,
        '  const limit = reader.open();',
        `  let key: ${keyType} = ${this.scalar(key).zero};`,
        `  let value: ${valueType} | undefined;`,
        '  while (reader.position < limit) {',
        '    const part = reader.tag();',
        '    switch (part) {',
        `      case ${this.tag(key)}:`,
        `        key = ${this.readField(key)};`,
        '        break;',
        `      case ${this.tag(value)}:`,
        `        value = ${this.readField(value, 'value')};`,
        '        break;',
        '      default:',
        '        reader.skip(part);',
        '    }',
        '  }',
        '  reader.close(limit);',
        `  ${at}[key] = value ?? ${initial};`,
        '  break;',
        '}',
      ],
      encode: [
        `for (const [key, value] of Object.entries(${at})) {`,
        `  writer.uint32(${tagOf(field, DELIMITED)});`,
        '  const mark = writer.open();',
        `  ${this.writeField(key, keyType === 'number' ? 'Number(key)' : 'key')}`,
        `  ${this.writeField(value, 'value')}`,
        '  writer.close(mark);',
        '}',
      ],
      ...(isMessage && { nesting: this.nesting('map', value) }),
    };
  }

  oneofMember(name, fields) {
    const at = `message.${name}`;
    const cases = fields.map((field) => ({
      field,
      local: camelCase(field.name),
      isMessage: field.type === 'TYPE_MESSAGE',
    }));
    const typeOf = ({ field, isMessage }) => (isMessage ? this.use(field.typeName) : this.scalar(field).type);
    const nested = cases.filter(({ isMessage }) => isMessage);
    const schemas = nested.map(({ field, local }) => `${local}: ${this.use(field.typeName, 'Schema')}`).join(', ');
    return {
      name,
      declaration: [
        `${name}:`,
        ...cases.map((one) => `    | { case: '${one.local}'; value: ${typeOf(one)} }`),
        '    | { case: undefined; value?: undefined }',
      ].join('\n'),
      initial: this.useRuntime('NOT_SET'),
      decode: cases.flatMap(({ field, local }) => {
        const before = `${at}.case === '${local}' ? ${at}.value : undefined`;
        return this.decodeCase(field, [`${at} = { case: '${local}', value: ${this.readField(field, before)} };`]);
      }),
      encode: [
        `switch (${at}.case) {`,
        ...cases.flatMap(({ field, local }) => [
          `  case '${local}':`,
          `    ${this.writeField(field, `${at}.value`)}`,
          '    break;',
        ]),
        '}',
      ],
      ...(nested.length > 0 && { nesting: `{ kind: 'oneof', schemas: () => ({ ${schemas} }) }` }),
    };
  }

  scalar(field) {
    if (field.type === 'TYPE_ENUM') {
      const name = this.use(field.typeName);
      return { type: name, method: 'int32', wire: 0, zero: '0' };
    }
    const scalar = SCALARS[field.type];
    if (scalar === undefined) throw new Error(`${field.name}: ${field.type} is not supported.`);
    return scalar;
  }

  zero(field) {
    const { zero } = this.scalar(field);
    return zero === 'NO_BYTES' ? this.useRuntime(zero) : zero;
  }

  /** A value of protobuf.ts, and what is written to use it. */
  useRuntime(name, expression = name) {
    this.runtime.add(name);
    return expression;
  }

  tag(field) {
    return tagOf(field, field.type === 'TYPE_MESSAGE' ? DELIMITED : this.scalar(field).wire);
  }

  decodeCase(field, lines) {
    return [`case ${this.tag(field)}:`, ...lines.map((line) => `  ${line}`), '  break;'];
  }

  /** @param before The value read before, if there was one: a message that comes twice is merged. */
  readField(field, before) {
    if (field.type !== 'TYPE_MESSAGE') return `reader.${this.scalar(field).method}()`;
    const schema = this.use(field.typeName, 'Schema');
    return before === undefined ? `reader.message(${schema})` : `reader.message(${schema}, ${before})`;
  }

  writeField(field, value) {
    const tag = `writer.uint32(${this.tag(field)})`;
    if (field.type !== 'TYPE_MESSAGE') return `{ ${tag}; writer.${this.scalar(field).method}(${value}); }`;
    return `{ ${tag}; writer.message(${this.use(field.typeName, 'Schema')}, ${value}); }`;
  }

  nesting(kind, field) {
    return `{ kind: '${kind}', schemas: () => ({ '': ${this.use(field.typeName, 'Schema')} }) }`;
  }
}

function tagOf(field, wire) {
  return field.number * 8 + wire;
}

function camelCase(name) {
  return name.replace(/_+([a-zA-Z0-9])/g, (_, letter) => letter.toUpperCase());
}
