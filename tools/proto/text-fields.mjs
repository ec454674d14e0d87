// The fields of all messages by the names that protobuf's text form has them under.
//
// A table of its own, apart from the messages: the binary form has no names, and who reads that should not pay for them.

/** @param types What `register` gave. */
export function textFieldsOf(types) {
  const messages = [];
  const enums = [];
  for (const { fullName, descriptor, kind } of types.values()) {
    const name = `'${fullName.slice(1)}'`;
    if (kind === 'message') {
      const fields = (descriptor.field ?? []).map(
        (field) => `${field.name}: [${field.number}, '${kindOf(field, types)}'],`,
      );
      messages.push(`${name}: { ${fields.join(' ')} },`);
    } else {
      const values = descriptor.value.map((value) => `${value.name}: ${value.number ?? 0},`);
      enums.push(`${name}: { ${values.join(' ')} },`);
    }
  }
  return [
    '// Generated from all .proto files by tools/proto/generate.mjs. Do not change it here.',
    '',
    '/** The number of a field; and a scalar type, `enum NAME`, or the full name of a message. Maps are lists of entries. */',
    'export type TextField = readonly [number: number, kind: string];',
    '',
    '/** Of each message its fields by their names in text. */',
    'export const TEXT_FIELDS: Readonly<Record<string, Readonly<Record<string, TextField>>>> = {',
    ...messages,
    '};',
    '',
    '/** Of each enum its values by name. */',
    'export const ENUM_VALUES: Readonly<Record<string, Readonly<Record<string, number>>>> = {',
    ...enums,
    '};',
    '',
  ].join('\n');
}

function kindOf(field, types) {
  if (field.type === 'TYPE_ENUM') return `enum ${field.typeName.slice(1)}`;
  if (field.type !== 'TYPE_MESSAGE') return field.type.slice('TYPE_'.length).toLowerCase();
  if (!types.has(field.typeName)) throw new Error(`${field.name}: ${field.typeName} is not in any file.`);
  return field.typeName.slice(1);
}
