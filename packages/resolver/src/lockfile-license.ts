import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRecord } from '@tenon/cache';

/** At the root of a module, or among the files that exporters put beside a SavedModel. */
const LICENSE_FILE = /^(?:assets\.extra\/)?(?:licen[cs]e|copying)(?:[.-][\w.-]*)?$/i;
/** Bytes of a licence that are looked at. */
const BEGINNING = 4096;

/** Texts by what nobody writes who means another one. The first that fits counts. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^\W*apache license\W+version 2\.0\b/i, 'Apache-2.0'],
  [/creative commons attribution-sharealike 4\.0 international/i, 'CC-BY-SA-4.0'],
  [/creative commons attribution-noncommercial 4\.0 international/i, 'CC-BY-NC-4.0'],
  [/^\W*(?:creative commons )?attribution 4\.0 international/i, 'CC-BY-4.0'],
  [/\bcc0 1\.0 universal/i, 'CC0-1.0'],
  [
    /permission is hereby granted, free of charge, to any person obtaining a copy of this software[^]*the above copyright notice and this permission notice/i,
    'MIT',
  ],
  [/redistribution and use in source and binary forms[^]*neither the name/i, 'BSD-3-Clause'],
  [/redistribution and use in source and binary forms/i, 'BSD-2-Clause'],
];

/**
 * What a module says of its licence: an SPDX identifier, where the text names one or is known; else the file that holds it, as package managers
 * write it. Undefined where it has no such file.
 */
export async function licenseOf(directory: string, files: readonly FileRecord[]): Promise<string | undefined> {
  const path = files.map((file) => file.path).find((candidate) => LICENSE_FILE.test(candidate));
  if (path === undefined) return undefined;
  const text = (await beginningOf(join(directory, path))).replace(/\s+/g, ' ');
  const [, named] = /\bSPDX-License-Identifier: ?([A-Za-z0-9][A-Za-z0-9.+-]*)/.exec(text) ?? [];
  return named ?? KNOWN.find(([pattern]) => pattern.test(text))?.[1] ?? `SEE LICENSE IN ${path}`;
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
