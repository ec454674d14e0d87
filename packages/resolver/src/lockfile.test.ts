import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { licenseOf } from './lockfile-license.js';
import { formatLockfile, parseLockfile } from './lockfile-text.js';
import { readLockfile, type LockedModule } from './lockfile.js';

const SHA = 'eef93e1d14482804277fca0172464032d1a4fdbcc338524059fa1e861454ad4d';
const MODULE: LockedModule = {
  resolved: 'https://storage.example.com/half-plus-two.tar.gz',
  archive: { size: 123, sha256: SHA },
  size: 12,
  license: 'Apache-2.0',
  files: [
    { path: 'assets/vocab.txt', size: 7, sha256: SHA },
    { path: 'saved_model.pb', size: 5, sha256: SHA },
  ],
};
const TEXT = `{
  "version": 1,
  "modules": {
    "./local": {
      "resolved": null,
      "archive": null,
      "size": 5,
      "license": null,
      "files": [
        { "path": "saved_model.pb", "size": 5, "sha256": "${SHA}" }
      ]
    },
    "https://example.com/half-plus-two/1": {
      "resolved": "https://storage.example.com/half-plus-two.tar.gz",
      "archive": { "size": 123, "sha256": "${SHA}" },
      "size": 12,
      "license": "Apache-2.0",
      "files": [
        { "path": "assets/vocab.txt", "size": 7, "sha256": "${SHA}" },
        { "path": "saved_model.pb", "size": 5, "sha256": "${SHA}" }
      ]
    }
  }
}
`;

describe('a lockfile', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-lockfile-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is the same text for the same modules, in whatever order they come', () => {
    const local = {
      ...MODULE,
      resolved: undefined,
      archive: undefined,
      license: undefined,
      size: 5,
      files: [MODULE.files[1]!],
    };
    const mixedUp = { ...MODULE, files: [...MODULE.files].reverse() };
    const entries: [string, LockedModule][] = [
      ['https://example.com/half-plus-two/1', mixedUp],
      ['./local', local],
    ];
    expect(formatLockfile({ modules: new Map(entries) })).toBe(TEXT);
    expect(formatLockfile({ modules: new Map(entries.reverse()) })).toBe(TEXT);
    expect(formatLockfile(parseLockfile(TEXT, 'x'))).toBe(TEXT);
    expect(formatLockfile({ modules: new Map() })).toBe('{\n  "version": 1,\n  "modules": {}\n}\n');
  });

  it('holds any handle and any name', () => {
    const name = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/[/\\\0:]|^\.\.?$/.test(text));
    const files = fc.uniqueArray(
      fc.record({ path: name, size: fc.nat(), sha256: fc.stringMatching(/^[0-9a-f]{64}$/) }),
      { selector: ({ path }) => path, minLength: 1 },
    );
    const text = fc.option(fc.string(), { nil: undefined });
    const module = fc.record({ resolved: text, license: text, files });
    const handle = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '1', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(handle, module)), (entries) => {
        const modules = new Map(
          entries.map(([key, { files, ...rest }]) => {
            const size = files.reduce((sum, file) => sum + file.size, 0);
            return [key, { ...rest, archive: undefined, size, files }] as const;
          }),
        );
        const written = formatLockfile({ modules });
        const read = parseLockfile(written, 'x');
        expect(read.modules.size).toBe(modules.size);
        for (const [key, { files, ...rest }] of modules) {
          const { files: readFiles, ...readRest } = read.modules.get(key)!;
          expect(readRest).toEqual(rest);
          expect(new Set(readFiles)).toEqual(new Set(files));
        }
        expect(formatLockfile(read)).toBe(written);
      }),
    );
  });

  it('is understood as a whole or not at all, and never another exception, whatever is in the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => parseLockfile(text, 'x')).toThrow(expect.objectContaining({ code: 'ERR_LOCKFILE', path: 'x' }));
      }),
    );
  });

  it('is refused wherever a value was changed for one of another kind', () => {
    const wrong = fc.constantFrom<unknown>(true, -1, 0.5, [], [[]], { path: '../x' });
    const parsed = JSON.parse(TEXT) as unknown;
    const places: (string | number)[][] = [];
    const walk = (value: unknown, place: (string | number)[]): void => {
      if (place.length > 0) places.push(place);
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) walk(inner, [...place, key]);
    };
    walk(parsed, []);
    fc.assert(
      fc.property(fc.constantFrom(...places), wrong, (place, value) => {
        const copy = structuredClone(parsed);
        const parent = place.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], copy);
        (parent as Record<string, unknown>)[place.at(-1)!] = value;
        expect(() => parseLockfile(JSON.stringify(copy), 'x')).toThrow(
          expect.objectContaining({ code: 'ERR_LOCKFILE' }),
        );
      }),
    );
  });

  it.each([
    [
      'a path that leads out of the module',
      TEXT.replace('"assets/vocab.txt"', '"../vocab.txt"'),
      /half-plus-two\/1" a file/,
    ],
    ['an absolute path', TEXT.replace('"assets/vocab.txt"', '"/etc/passwd"'), /a file without a path inside/],
    ['a file twice', TEXT.replace('"assets/vocab.txt"', '"saved_model.pb"'), /a file twice/],
    ['sizes that do not add up', TEXT.replace('"size": 12,', '"size": 13,'), /its files do not have/],
    ['a hash in capitals', TEXT.replaceAll(SHA, SHA.toUpperCase()), /sha256/],
    ['another version', TEXT.replace('"version": 1', '"version": 2'), /is of version 2; this program knows version 1/],
    ['a merge that is not finished', `<<<<<<< HEAD\n${TEXT}=======\n${TEXT}>>>>>>> other\n`, /both sides of a merge/],
    ['half of it', TEXT.slice(0, 200), /is no JSON/],
    ['nothing', '', /is no JSON/],
    ['too deep a structure', '['.repeat(200_000), /is no JSON|holds no object/],
  ])('says what is wrong with %s', (_, text, message) => {
    expect(() => parseLockfile(text, 'tenon.lock')).toThrow(
      expect.objectContaining({ code: 'ERR_LOCKFILE', message: expect.stringMatching(message) as unknown }),
    );
  });

  it('must be a file', async () => {
    await expect(readLockfile(join(directory, 'none'))).rejects.toMatchObject({ code: 'ERR_LOCKFILE' });
    await expect(readLockfile(directory)).rejects.toMatchObject({ code: 'ERR_LOCKFILE' });
    const file = join(directory, 'tenon.lock');
    writeFileSync(file, TEXT);
    expect([...(await readLockfile(file)).modules.keys()]).toEqual(['./local', 'https://example.com/half-plus-two/1']);
  });

  describe('names the licence', () => {
    const APACHE =
      '\n                                 Apache License\n                           Version 2.0, January 2004\n';
    const MIT =
      'Permission is hereby granted, free of charge, to any person obtaining a copy\nof this software and associated …\nThe above copyright notice and this permission notice shall be included in all\ncopies';
    const BSD = 'Redistribution and use in source and binary forms, with or without\nmodification, are permitted';
    it.each([
      ['LICENSE', APACHE, 'Apache-2.0'],
      ['LICENSE.txt', `MIT License\n\nCopyright (c) 2020 X\n\n${MIT}`, 'MIT'],
      ['licence.md', `Copyright 2020 X\n\n${BSD}`, 'BSD-2-Clause'],
      ['COPYING', `Copyright 2020 X\n\n${BSD}:\n3. Neither the name of X`, 'BSD-3-Clause'],
      ['LICENSE', 'Attribution 4.0 International\n\n====', 'CC-BY-4.0'],
      ['LICENSE', 'SPDX-License-Identifier: MPL-2.0\n', 'MPL-2.0'],
      ['assets.extra/LICENSE', 'All rights reserved.', 'SEE LICENSE IN assets.extra/LICENSE'],
      ['LICENSE', '', 'SEE LICENSE IN LICENSE'],
      ['assets/license_plates.txt', APACHE, undefined],
      ['saved_model.pb', APACHE, undefined],
    ])('of %s', async (path, text, license) => {
      const module = mkdtempSync(join(directory, 'module-'));
      mkdirSync(join(module, path, '..'), { recursive: true });
      writeFileSync(join(module, path), text);
      expect(await licenseOf(module, [{ path, size: text.length, sha256: SHA }])).toBe(license);
    });
  });
});
