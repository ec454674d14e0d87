import { posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EntryNames } from './entry-names.js';

const accept = (name: string, platform: NodeJS.Platform = 'linux') =>
  new EntryNames('handle', 100, platform).accept(name, 'file');

describe('EntryNames', () => {
  it('reduces names to relative paths', () => {
    expect(accept('./variables//variables.index')).toBe('variables/variables.index');
    expect(accept('assets/./vocab: de.txt')).toBe('assets/vocab: de.txt');
    expect(new EntryNames('handle', 100).accept('./', 'directory')).toBe('');
  });

  it.each([
    ['', 'has no name'],
    ['.', 'is a file without a name'],
    ['/etc/passwd', 'has an absolute path'],
    ['C:/Windows/system.ini', 'has an absolute path'],
    ['../x', 'leads out of the archive'],
    ['a/../../x', 'leads out of the archive'],
    ['a/..', 'leads out of the archive'],
    ['..x', 'leads out of the archive'],
    ['..\\x', 'leads out of the archive'],
    ['a\\..\\..\\x', 'has a backslash'],
    ['a\nb', 'has a control character'],
    ['a\x1b[2J', 'has a control character'],
    ['a\ufffd', 'is not UTF-8'],
    ['x'.repeat(256), 'has too long a name'],
    ['x/'.repeat(1025), 'has too long a name'],
  ])('refuses %j', (name, reason) => {
    expect(() => accept(name)).toThrow(reason);
  });

  it.each(['vocab:stream', 'assets/NUL', 'assets/com1.txt', 'trailing.', 'trailing ', 'what?'])(
    'refuses %j on Windows only',
    (name) => {
      expect(accept(name)).toBe(name);
      expect(() => accept(name, 'win32')).toThrow('Windows reserves');
    },
  );

  it('refuses names that some file systems take for one', () => {
    const pairs = [
      ['Vocab.txt', 'vocab.txt', 'only in case or spelling'],
      ['assets/\u00e9', 'assets/e\u0301', 'only in case or spelling'],
      ['Assets/a', 'assets/b', 'only in case or spelling'],
      ['a/b', './a//b', 'is there twice'],
      ['a', 'a/b', 'a file where a directory is'],
      ['a/b', 'a', 'a file where a directory is'],
    ] as const;
    for (const [first, second, reason] of pairs) {
      const names = new EntryNames('handle', 100);
      names.accept(first, 'file');
      expect(() => names.accept(second, 'file')).toThrow(reason);
    }
  });

  it('lets a directory be there twice', () => {
    const names = new EntryNames('handle', 100);
    names.accept('variables/variables.index', 'file');
    expect(names.accept('variables/', 'directory')).toBe('variables');
  });

  it('accepts nothing that leads out, whatever the name', () => {
    const part = fc.oneof(fc.constantFrom('.', '..', '', '/', '\\', 'a', 'C:'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('/', ''), (parts, separator) => {
        let path;
        try {
          path = accept(parts.join(separator));
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_UNSAFE_ARCHIVE' });
          return;
        }
        expect(posix.normalize(path)).toBe(path);
        expect(path.startsWith('/') || path === '' || path.split('/').includes('..')).toBe(false);
      }),
    );
  });
});
