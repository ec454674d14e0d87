"""Runs text, table, sparse and ragged ops in real TensorFlow and writes what they gave, as truth for the kernels of packages/runtime.

    python text_kernel_goldens.py OUTPUT_DIR        (TensorFlow 2.21; OUTPUT_DIR is packages/runtime/testdata)

One JSON file per family, `{"tensors", "cases"}`. A case is a list of steps that share resources; a step is
`{"op", "attrs", "inputs", "outputs"}` or, where TensorFlow refused, `"error"` in place of `"outputs"`. A tensor is
`{"dtype", "shape", "data"}`, or `{"tensor": i}` for one of the file's `tensors`, which come more than once; bytes are
written as one character each (latin-1); int64 beyond 2 ** 53 and NaN as strings. An input `{"step": i}` is the handle
that step `i` gave; `{"file": TEXT}` is the path of a file with that content.
"""
import json
import os
import random
import sys
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import op_def_registry

random.seed(7)
np.random.seed(7)

FAMILIES = {}
current = None


def family(name):
    global current
    current = FAMILIES.setdefault(name, [])


def number(value):
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) <= 2 ** 53 else str(int(value))
    value = float(value)
    return value if np.isfinite(value) else str(value)


def encode(tensor):
    tensor = tf.convert_to_tensor(tensor)
    flat = tf.reshape(tensor, [-1]).numpy()
    if tensor.dtype == tf.string:
        data = [item.decode('latin-1') for item in flat]
    elif tensor.dtype.is_complex:
        data = [number(part) for item in flat for part in (item.real, item.imag)]
    elif tensor.dtype in (tf.float16, tf.bfloat16):
        data = [int(bits) for bits in flat.view(np.uint16)]
    else:
        data = [number(item) for item in flat]
    return {'dtype': tensor.dtype.name, 'shape': tensor.shape.as_list(), 'data': data}


def attribute(value):
    if isinstance(value, tf.DType):
        return {'type': value.name}
    if isinstance(value, bytes):
        return {'bytes': value.decode('latin-1')}
    if isinstance(value, str):
        return {'bytes': value.encode().decode('latin-1')}
    if isinstance(value, bool):
        return {'bool': value}
    if isinstance(value, int):
        return {'int': str(value)}
    if isinstance(value, float):
        return {'float': value}
    if isinstance(value, tf.TensorShape):
        return {'shape': value.as_list()}
    if isinstance(value, list):
        return {'list': [attribute(item) for item in value]}
    raise TypeError(value)


def step(steps, handles, op, inputs, attrs):
    definition = op_def_registry.get(op)
    arguments = {}
    recorded = []
    for argument, value in zip(definition.input_arg, inputs):
        if isinstance(value, dict) and 'step' in value:
            arguments[argument.name] = handles[value['step']]
            recorded.append(value)
        elif isinstance(value, dict):
            path = os.path.join(tempfile.mkdtemp(), 'file.txt')
            with open(path, 'wb') as out:
                out.write(value['file'])
            arguments[argument.name] = tf.constant(path)
            recorded.append({'file': value['file'].decode('latin-1')})
        elif argument.number_attr + argument.type_list_attr:
            value = [tf.convert_to_tensor(item) for item in value]
            arguments[argument.name] = value
            recorded += [encode(item) for item in value]
            if argument.number_attr:
                attrs = {**attrs, argument.number_attr: len(value)}
                if argument.type_attr:
                    attrs = {**attrs, argument.type_attr: value[0].dtype}
            else:
                attrs = {**attrs, argument.type_list_attr: [item.dtype for item in value]}
        else:
            value = tf.convert_to_tensor(value)
            arguments[argument.name] = value
            recorded.append(encode(value))
            if argument.type_attr:
                attrs = {**attrs, argument.type_attr: value.dtype}
    entry = {'op': op, 'inputs': recorded}
    if attrs:
        entry['attrs'] = {name: attribute(value) for name, value in attrs.items()}
    inferred = {name for a in definition.input_arg for name in (a.number_attr, a.type_list_attr, a.type_attr)}
    passed = {name: value for name, value in attrs.items() if name not in inferred}
    handle = None
    try:
        result = getattr(tf.raw_ops, op)(**arguments, **passed)
        outputs = [] if result is None else list(result) if isinstance(result, (list, tuple)) else [result]
        flat = []
        for output in outputs:
            flat += output if isinstance(output, list) else [output]
        if flat and flat[0].dtype in (tf.resource, tf.variant):
            handle = flat[0]
            entry['outputs'] = None
        else:
            entry['outputs'] = [encode(output) for output in flat]
    except (tf.errors.OpError, ValueError) as error:
        entry['error'] = type(error).__name__
    steps.append(entry)
    handles.append(handle)


def case(op, *inputs, **attrs):
    steps = []
    step(steps, [], op, inputs, attrs)
    current.append(steps)


class Script:
    """Steps that share resources."""

    def __init__(self):
        self.steps, self.handles = [], []
        current.append(self.steps)

    def run(self, op, *inputs, **attrs):
        if any(item is None for item in inputs):
            return None
        step(self.steps, self.handles, op, inputs, attrs)
        if self.steps[-1].get('error') == 'NotFoundError':
            # TensorFlow has no such kernel, for no reason that concerns us; what would use the table is left out, too.
            self.steps.pop()
            self.handles.pop()
            return None
        return {'step': len(self.steps) - 1}


def strings(values, shape=None):
    array = tf.constant(list(values), tf.string)
    return tf.reshape(array, shape) if shape is not None else array


TEXTS = [
    '', 'a', 'Hello, World!', '  leading and trailing  ', 'tabs\tand\nnewlines\r\n', 'a,b;c', ',', ',,', 'a,', ',a', 'a,,b', ', a , b ,',
    'ÀÉÎõü', 'ΑΒΓΣ ΣΑΣ ΟΔΟΣ', 'İstanbul I ı', 'straße ẞ ß', 'ŉ ǰ ΐ ﬁ ﬃ', 'ǅ ǆ Ǆ', '日本語 テスト', '🙂 emoji 👩‍👩‍👧', 'e\u0301 combining', '\u00a0nbsp\u2003em',
    'Ⅷ ⓐ Ⓐ', '𐐀𐐨', 'ꭰ Ꭰ', 'ა Ა', '\ufeffBOM', 'a\0b', 'A\0B É', 'ümlaut\0Ü', 'x' * 70, 'Ü' * 40,
]
BROKEN = [
    b'\xff', b'\xc3', b'A\xc3Z', b'\xc3\xa9\xc3', b'\xe2\x82', b'\xe2\x82A', b'\xf0\x9f\x99', b'\xf0\x9f\x99\x82', b'\xed\xa0\x80', b'\xc0\x80', b'\xe0\x80\x80',
    b'\xf4\x90\x80\x80', b'\xf8\x88\x80\x80\x80', b'\x80\x81', b'Ab\xffCd', b'\xc3(', b'\xfe\xff', b'a\xe2\x28\xa1b',
]
ALL = [text.encode() for text in TEXTS] + BROKEN


def random_bytes(length):
    return bytes(random.randrange(256) for _ in range(length))


family('string-case')
for encoding in ('', 'utf-8'):
    for op in ('StringLower', 'StringUpper'):
        case(op, strings(ALL), encoding=encoding)
        case(op, strings([]), encoding=encoding)
        case(op, strings([b'Abc', b'', b'dEf', b'G'], [2, 2]), encoding=encoding)
        case(op, tf.constant('Scalar É'), encoding=encoding)

family('string-split')
for delimiter in (' ', ',', ',;', '\t\n ', 'é'):
    for skip_empty in (True, False):
        case('StringSplit', strings(ALL), tf.constant(delimiter), skip_empty=skip_empty)
for skip_empty in (True, False):
    case('StringSplit', strings(ALL[:10] + BROKEN), tf.constant(''), skip_empty=skip_empty)
case('StringSplit', strings([]), tf.constant(' '))
case('StringSplit', strings(['', '']), tf.constant(' '))
case('StringSplit', tf.constant('scalar'), tf.constant(' '))
case('StringSplit', strings(['vector delimiter']), strings([' ']))
case('StringSplit', strings(['two']), strings([' ', ',']))
for separator in ('', ' ', ',', ', ', ',,', 'é', 'aa'):
    for maxsplit in (-1, 0, 1, 2):
        case('StringSplitV2', strings((ALL if maxsplit < 0 else ALL[:12]) + [b'aaaa', b'aaa', b'a b', b'a b ', b' a b c d ']), tf.constant(separator), maxsplit=maxsplit)
case('StringSplitV2', strings([]), tf.constant(''))
case('StringSplitV2', strings(['']), tf.constant(','))
case('StringSplitV2', strings(['vector']), strings([' ']))
case('StringSplitV2', tf.constant('scalar'), tf.constant(' '))

family('regex')
SUBJECTS = strings(ALL + [
    b'foo bar  baz', b'aaa', b'abcabc', b'2024-05-17', b'foo@example.com, bar@test.org', b'x1y22z333', b'a\nb\nc', b'\n', b'CamelCaseString', b'__init__',
    b'"quoted" \'text\'', b'\xe2\x80\x9cquotes\xe2\x80\x9d \xe2\x80\x93 dash', b'K\xe2\x84\xaa k \xc5\xbf S', b'tab\t\x0bvt', b'(paren) [bracket]', b'\xcf\x82\xcf\x83\xce\xa3',
])
PATTERNS = [
    r'\pP', r'\p{P}', r'\PL', r'[^\w\s]', r'[\pP\pS]', r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']', r'\s+', r'\s', r'[[:punct:]]', r'[^a-z]', r'[^a-zA-Z ]+', r'\W',
    r'\d+', r'[0-9]', r'a', r'abc', r'a*', r'', r'a|b', r'(a)(b)?', r'^a', r'a$', r'^', r'$', r'(?m)^', r'(?m)$', r'(?m)^.', r'\b', r'\bfoo\b', r'o\Bo', r'.', r'(?s).', r'.*', r'.+', r'(?s).*',
    r'(\w+)@(\w+)\.com', r'(\d{4})-(\d\d)-(\d\d)', r'([A-Z])', r'(?i)hello', r'(?i)k', r'(?i)s', r'(?i)[^k]', r'(?i)\w', r'(?i)\W', r'(?i)\x{3c3}', r'(?i)stra\x{df}e', r'\p{Greek}+',
    r'\p{Han}', r'\P{Latin}', r'\p{^Latin}', r'[\p{Lu}\d]', r'[^\p{Ll}]', r'(?i)\p{Lu}', r'(?i)\P{Lu}', r'\p{C}', r'\p{Any}', r'\pZ+', r'\pM', r'\p{So}', r'\p{Zs}', r'\p{Nl}', r'x{2,3}', r'x{3}', r'x{2,}', r'x{2,3}?',
    r'a+?', r'a*?', r'a??', r'(a|ab)(c|bcd)?', r'(?:a|b)+', r'(a*)*', r'(a*)+', r'(|a)*', r'(|a)+', r'(a|b)*?c', r'(?U)a+', r'(?U)a+?', r'\Qa.b\E', r'\Q,\E+', r'[]a]', r'[^]a]', r'[a-]', r'[-a]', r'[\d-z]',
    r'\x41', r'\x{1F642}', r'\101', r'\t|\n', r'[\a\f\v]', r'\Aa', r'a\z', r'(?P<first>\w)(?P<second>\w)', r'[[:^alpha:]]', r'[[:alpha:][:digit:]]+', r'[é-ü]', r'é', r'[^é]', r'日', r'[日本]+', r'.é', r'\x{80}',
    r'{', r'a{,2}', r'a{1', r'}', r']', r'[^\x00-\x{10FFFF}]', r'[\x00-\x7f]', r'[^\x00-\x7f]', r'[\x80-\x{10FFFF}]', r'[\x{100}-\x{10FFFF}]', r'(?i:A)b', r'(?i)a(?-i)B', r'a(?i)b', r'(?s-i).', r'\.', r'\/', r'\-', r'\ ',
    r"([a-z])([A-Z])", r'(^a|b$)', r'(?m)(^a|b$|c)', r'\s*,\s*', r'^\s+|\s+$', r'(\pL+)\PL+(\pL+)', r'\bé', r'(a\b|\bb)', r'((a)|(b))*', r'(x*)(x*)', r'(x*?)(x*)$', r'\w+\s*$', r'(?:(?:(?:a)))', r'a||b', r'(|)', r'(?i)ǆ', r'(?i)İ', r'(?i)ß',
    r'a**', r'a*+', r'a+*?', r'a{2}{3}', r'*a', r'+', r'(?P<n>a)(?P<n>b)', r'(', r')', r'(a', r'a)', r'[a', r'[z-a]', r'[[:foo:]]', r'[[:foo', r'\p{Foo}', r'\pX', r'\p{', r'\8', r'\1', r'\y', r'\x', r'\xG', r'\x{110000}', r'\\', '\\',
    r'a{1001}', r'a{2,1}', r'(a{100}){100}', r'(?=a)', r'(?!a)', r'(?<=a)b', r'(?z)', r'(?i', r'(?', r'(?-)', r'(?)', r'(?i-)a', r'\Z', r'\G', r'\h', r'(?P<>a)', r'(?P<a', r'(?Pa)', r'[\d-\w]', r'[a-\d]', r'\pLu', r'\p{L}u', r'\é', r'(?i)\Qk\E',
    r'^*', r'$*', r'(?:^)*', r'\b+', r'(?m)^$', r'\n', r'[^\n]', r'(?i)[k-s]', r'[A-\x{ff}]', r'\0', r'\07', r'\012', r'\400', r'\777',
]
for pattern in PATTERNS:
    case('StaticRegexReplace', SUBJECTS, pattern=pattern, rewrite='<\\0>')
    case('StaticRegexFullMatch', SUBJECTS, pattern=pattern)
for pattern in PATTERNS[:90:4]:
    case('StaticRegexReplace', SUBJECTS, pattern=pattern, rewrite='-', replace_global=False)
    case('RegexReplace', SUBJECTS, tf.constant(pattern), tf.constant(''))
for pattern, rewrite in (
    (r'(\w+)@(\w+)\.com', r'\2 at \1'), (r'(a)(b)?', r'[\1|\2]'), (r'(\d{4})-(\d\d)-(\d\d)', r'\3/\2/\1'), (r'a', '\\\\'), (r'a', r'\1'), (r'a', r'\x'), (r'a', 'b\\'), (r'((((((((((a))))))))))', r'\9\10'),
    (r'(a|ab)(c|bcd)?', r'<\1,\2>'), (r'((a)|(b))*', r'<\1,\2,\3>'), (r'(x*)(x*)', r'<\1,\2>'), (r'(\w)(\w)', r'\2\1'), (r'(?i)(k)', r'<\1>'), (r'(^a|b$)', r'<\1>'), (r'(\b)', r'|\1'), (r'([A-Z]+|$)(?:\b|(a))', r'{\1;\2}'),
    (r'(.)(.)?', r'\2\1'), (r'\pP', 'é'), (r'\pP', b'\xff'), (r'', '-'), (r'x*', '-'), (r'\s+', ' '), (r'(\W)', r' \1 '), (r'((\pP))', r'\0\1\2'), (r'(\s+)', r'[\1]'), (r'(?i)([ks])', r'\1\1'),
):
    for replace_global in (True, False):
        case('StaticRegexReplace', SUBJECTS, pattern=pattern, rewrite=rewrite, replace_global=replace_global)
case('StaticRegexReplace', SUBJECTS, pattern=b'\xff', rewrite='')
case('RegexReplace', SUBJECTS, tf.constant(b'a\xff'), tf.constant(''))
case('RegexReplace', SUBJECTS, strings(['a']), tf.constant(''))
case('RegexReplace', SUBJECTS, tf.constant('('), tf.constant(''))
case('RegexReplace', strings([]), tf.constant('('), tf.constant(''))
case('RegexReplace', strings(['a', 'b', 'c', 'ab'], [2, 2]), tf.constant('[ab]'), tf.constant('x'))
case('RegexFullMatch', SUBJECTS, tf.constant(r'a.*'))
case('RegexFullMatch', SUBJECTS, tf.constant(r'('))
case('RegexFullMatch', tf.constant('scalar'), tf.constant(r's\w*'))
case('StaticRegexFullMatch', strings([]), pattern='a')
case('StaticRegexFullMatch', strings(['s3://bucket/x', 'gs://b', 's3:/']), pattern='^s3://.*')
case('StaticRegexReplace', strings(['x' * 5000 + 'y', 'x' * 5000]), pattern='(x+x+)+y', rewrite='hit')
case('StaticRegexReplace', strings(['a' * 60]), pattern='(a?){60}a{60}', rewrite='hit')
case('StaticRegexReplace', strings(['ab' * 50]), pattern='(a|b)*a(a|b){12}c', rewrite='hit')

family('hash')
lengths = strings([random_bytes(length) for length in range(0, 201)])
for op in ('StringToHashBucketFast', 'StringToHashBucket'):
    case(op, lengths, num_buckets=2 ** 63 - 1)
    for buckets in (1, 2, 7, 20, 1000, 2 ** 21, 2 ** 21 + 1, 2 ** 40 + 7):
        case(op, lengths[:20], num_buckets=buckets)
    case(op, strings([]), num_buckets=5)
    case(op, strings(['a', 'b', 'c', 'd'], [2, 2]), num_buckets=5)
case('StringToHashBucketStrong', lengths, num_buckets=2 ** 63 - 1, key=[0xDECAFCAFFE, 7])
for key in ([0, 0], [-1, 2 ** 62], [123, -456]):
    case('StringToHashBucketStrong', lengths[:40], num_buckets=2 ** 63 - 1, key=key)
case('StringToHashBucketStrong', strings(['a', 'b'], [1, 2]), num_buckets=20, key=[1, 2])

family('table')
INT64, FLOAT, INT32, STRING = tf.int64, tf.float32, tf.int32, tf.string


def file_table(content, keys, key_dtype, value_dtype, missing, again=False, **attrs):
    script = Script()
    table = script.run('AnonymousHashTable', key_dtype=key_dtype, value_dtype=value_dtype)
    for _ in range(2 if again else 1):
        script.run('InitializeTableFromTextFileV2', table, {'file': content}, **attrs)
    script.run('LookupTableSizeV2', table)
    script.run('LookupTableFindV2', table, keys, tf.constant(missing, value_dtype), Tout=value_dtype)
    script.run('LookupTableExportV2', table, Tkeys=key_dtype, Tvalues=value_dtype)


words = b'the\nof\nand\nr\xc3\xa9sum\xc3\xa9\n \nlast'
probe = strings([b'the', b'last', b'', b'THE', b'r\xc3\xa9sum\xc3\xa9', b' ', b'of', b'the\n', b'th', b'thee'], [2, 5])
whole = dict(key_index=-2, value_index=-1)
file_table(words, probe, STRING, INT64, -1, **whole)
file_table(words + b'\n', probe, STRING, INT64, -1, again=True, **whole)
file_table(words, probe, STRING, INT64, -1, vocab_size=3, **whole)
file_table(words, probe, STRING, INT64, -1, vocab_size=6, **whole)
file_table(words, probe, STRING, INT64, -1, vocab_size=7, **whole)
file_table(words, probe, STRING, INT64, -1, offset=10, **whole)
file_table(words, probe, STRING, INT64, -1, offset=-3, **whole)
file_table(b'', probe, STRING, INT64, -1, **whole)
file_table(b'', probe, STRING, INT64, -1, vocab_size=1, **whole)
file_table(b'\n', probe, STRING, INT64, -1, **whole)
file_table(b'the\n\nof\n', probe, STRING, INT64, -1, **whole)
file_table(b'the\n\nof\n', probe, STRING, INT64, -1, vocab_size=1, **whole)
file_table(b'the\r\nof\r\n\xffbad\r\n', probe, STRING, INT64, -1, **whole)
file_table(b'the\r\r\nof\r', probe, STRING, INT64, -1, **whole)
file_table(b'th\re\n', probe, STRING, INT64, -1, **whole)
file_table(b'\r\nthe\n', probe, STRING, INT64, -1, **whole)
file_table(b'the\nof\nthe\n', probe, STRING, INT64, -1, **whole)
file_table(words, probe, STRING, INT32, -1, **whole)
file_table(words, tf.constant([0, 5, 6, -1], INT64), INT64, STRING, 'UNK', key_index=-1, value_index=-2)
file_table(words, tf.constant([2, 3], INT64), INT64, STRING, 'UNK', key_index=-1, value_index=-2, vocab_size=3, offset=2)
columns = b'a\t1\t0.5\nb\t-2\t1e3\nc\t3\tinf\n'
for value_dtype, index, missing in ((INT64, 1, -9), (INT32, 1, -9), (FLOAT, 2, -9.0), (tf.float64, 2, -9.0), (STRING, 1, 'no'), (FLOAT, 1, 0.0)):
    file_table(columns, strings(['a', 'b', 'c', 'd']), STRING, value_dtype, missing, key_index=0, value_index=index)
file_table(columns, tf.constant([1, -2, 4], INT64), INT64, STRING, '?', key_index=1, value_index=0)
file_table(columns, strings(['a']), STRING, INT64, -1, key_index=0, value_index=3)
file_table(columns, strings(['a']), STRING, INT64, -1, key_index=0, value_index=2)
file_table(b'a 1\nb\n', strings(['a']), STRING, INT64, -1, key_index=0, value_index=1, delimiter=' ')
file_table(b'a 1 \nb  2\n', strings(['a', 'b']), STRING, STRING, '?', key_index=0, value_index=1, delimiter=' ')
file_table(b'a 1 \nb 2\n', strings(['a', 'b']), STRING, INT64, 0, key_index=0, value_index=1, delimiter=' ')
file_table(b'a,1\na,1\n', strings(['a']), STRING, INT64, -1, key_index=0, value_index=1, delimiter=',')
file_table(b'a,1\na,2\n', strings(['a']), STRING, INT64, -1, key_index=0, value_index=1, delimiter=',')
file_table(b'a,1\n,2\n', strings(['a', '']), STRING, INT64, -1, key_index=0, value_index=1, delimiter=',')
file_table(b'a,9223372036854775807\nb,9223372036854775808\n', strings(['a']), STRING, INT64, -1, key_index=0, value_index=1, delimiter=',')
file_table(b'a, 12 \nb,+3\n', strings(['a', 'b']), STRING, INT64, -1, key_index=0, value_index=1, delimiter=',')
file_table(b'a, 12 \n', strings(['a', 'b']), STRING, INT64, -1, key_index=0, value_index=1, delimiter=',')
file_table(b'a,true\n', strings(['a']), STRING, tf.bool, False, key_index=0, value_index=1, delimiter=',')
script = Script()
table = script.run('AnonymousHashTable', key_dtype=STRING, value_dtype=INT64)
script.run('LookupTableFindV2', table, strings(['a']), tf.constant(-1, INT64), Tout=INT64)
script.run('LookupTableSizeV2', table)

for keys, values, missing, probes in (
    (strings(['a', 'b', '']), tf.constant([1, 2 ** 62, -3], INT64), tf.constant(-1, INT64), strings(['b', 'z', '', 'a'], [2, 2])),
    (tf.constant([5, -6, 2 ** 40], INT64), strings(['five', '', 'big']), tf.constant('none'), tf.constant([2 ** 40, 5, 7, -6, 0], INT64)),
    (tf.constant([5, -6], INT32), tf.constant([0.5, -1.5]), tf.constant(9.0), tf.constant([-6, 6, 5], INT32)),
    (tf.constant([5, -6, 2 ** 32 + 5], INT64), tf.constant([7, 8, 9], INT32), tf.constant(0, INT32), tf.constant([5, 2 ** 32 + 5, 2 ** 32], INT64)),
    (strings(['t', 'f']), tf.constant([True, False]), tf.constant(False), strings(['t', 'f', 'x'])),
    (strings(['p', 'q']), strings(['P', 'Q' * 100]), tf.constant('default'), strings(['q', 'r', 'p'])),
    (strings([]), tf.constant([], INT64), tf.constant(4, INT64), strings(['a'])),
    (strings(['a', 'a']), tf.constant([1, 1], INT64), tf.constant(4, INT64), strings(['a'])),
    (strings(['a', 'a']), tf.constant([1, 2], INT64), tf.constant(4, INT64), strings(['a'])),
    (strings(['a', 'b']), tf.constant([1], INT64), tf.constant(4, INT64), strings(['a'])),
    (strings(['a', 'b', 'c', 'd'], [2, 2]), tf.constant([[1, 2], [3, 4]], INT64), tf.constant(4, INT64), strings(['a', 'd'])),
):
    script = Script()
    types = dict(key_dtype=keys.dtype, value_dtype=values.dtype)
    table = script.run('AnonymousHashTable', **types)
    script.run('InitializeTableV2', table, keys, values)
    script.run('LookupTableFindV2', table, probes, missing, Tout=values.dtype)
    script.run('LookupTableFindV2', table, probes, tf.fill(probes.shape, missing), Tout=values.dtype)
    script.run('LookupTableSizeV2', table)
    script.run('InitializeTableV2', table, keys, values)
    script.run('InitializeTableV2', table, keys[:1], values[:1])
    script.run('LookupTableExportV2', table, Tkeys=keys.dtype, Tvalues=values.dtype)
    script.run('LookupTableFindV2', table, probes[:0], missing, Tout=values.dtype)
    mutable = script.run('AnonymousMutableHashTable', **types)
    script.run('LookupTableFindV2', mutable, probes, missing, Tout=values.dtype)
    script.run('LookupTableInsertV2', mutable, keys, values)
    script.run('LookupTableFindV2', mutable, probes, missing, Tout=values.dtype)
    script.run('LookupTableFindV2', mutable, probes, tf.fill(probes.shape, missing), Tout=values.dtype)
    script.run('LookupTableRemoveV2', mutable, probes)
    script.run('LookupTableExportV2', mutable, Tkeys=keys.dtype, Tvalues=values.dtype)
    script.run('LookupTableInsertV2', mutable, keys, values)
    script.run('LookupTableSizeV2', mutable)
    script.run('LookupTableImportV2', mutable, keys[:1], values[:1])
    script.run('LookupTableExportV2', mutable, Tkeys=keys.dtype, Tvalues=values.dtype)
    script.run('LookupTableFindV2', mutable, probes[:0], missing, Tout=values.dtype)

for value_dtype in (FLOAT, INT64, STRING):
    script = Script()
    values = tf.constant([[1, 2, 3], [4, 5, 6]])
    values = tf.as_string(values) if value_dtype == STRING else tf.cast(values, value_dtype)
    table = script.run('AnonymousMutableHashTableOfTensors', key_dtype=STRING, value_dtype=value_dtype, value_shape=tf.TensorShape([3]))
    keys = strings(['x', 'y'])
    script.run('LookupTableInsertV2', table, keys, values)
    script.run('LookupTableFindV2', table, strings(['y', 'q', 'x', 'y'], [2, 2]), values[0] , Tout=value_dtype)
    script.run('LookupTableFindV2', table, strings(['y', 'q']), values, Tout=value_dtype)
    script.run('LookupTableFindV2', table, strings(['y', 'q']), values[0][0], Tout=value_dtype)
    script.run('LookupTableInsertV2', table, keys, values[0])
    script.run('LookupTableExportV2', table, Tkeys=STRING, Tvalues=value_dtype)
    dense = script.run('AnonymousMutableDenseHashTable', tf.constant(0, INT64), tf.constant(-1, INT64), value_dtype=value_dtype, value_shape=tf.TensorShape([3]))
    if value_dtype != STRING:
        numbers = tf.constant([11, -12], INT64)
        script.run('LookupTableInsertV2', dense, numbers, values)
        script.run('LookupTableFindV2', dense, tf.constant([-12, 5, 11], INT64), values[0], Tout=value_dtype)
        script.run('LookupTableFindV2', dense, tf.constant([0], INT64), values[0], Tout=value_dtype)
        script.run('LookupTableInsertV2', dense, tf.constant([-1], INT64), values[:1])
        script.run('LookupTableRemoveV2', dense, tf.constant([11, 99], INT64))
        script.run('LookupTableSizeV2', dense)

family('sparse')


def sparse(entries, shape, dtype=None):
    indices = tf.reshape(tf.constant([list(position) for position, _ in entries], INT64), [-1, len(shape)])
    values = tf.constant([value for _, value in entries], dtype or FLOAT)
    return indices, values, tf.constant(shape, INT64)


ragged = [((0, 0), 1), ((0, 1), 2), ((2, 0), 3), ((2, 3), 4), ((5, 1), 5)]
unordered = [((5, 1), 5), ((0, 1), 2), ((2, 3), 4), ((0, 0), 1), ((2, 0), 3)]
for dtype in (FLOAT, INT64, STRING, tf.bool):
    def cast(values):
        return tf.strings.as_string(values) if dtype == STRING else tf.cast(values, dtype)
    for entries, shape in ((ragged, [6, 4]), (ragged, [8, 4]), (unordered, [6, 4]), (unordered, [7, 4]), ([], [3, 2]), ([], [0, 2]), (ragged, [5, 4]), ([((i, 0), i) for i in range(4)], [4, 3])):
        indices, values, dense_shape = sparse(entries, shape, FLOAT)
        values = cast(values)
        default = cast(tf.constant(7.0))
        case('SparseFillEmptyRows', indices, values, dense_shape, default)
        case('SparseToDense', indices, dense_shape, values, default, validate_indices=False)
        case('SparseToDense', indices, dense_shape, values, default)
        case('SparseReorder', indices, values, dense_shape)
        case('SparseSlice', indices, values, dense_shape, tf.constant([1, 1], INT64), tf.constant([5, 2], INT64))
        case('SparseSlice', indices, values, dense_shape, tf.constant([0, 0], INT64), tf.constant([100, 100], INT64))
        case('SparseConcat', [indices, indices], [values, values], [dense_shape, dense_shape], concat_dim=1)
        case('SparseConcat', [indices, indices], [values, values], [dense_shape, dense_shape], concat_dim=-2)
case('SparseToDense', tf.constant(3, INT32), tf.constant([5], INT32), tf.constant(2.5), tf.constant(-1.0))
case('SparseToDense', tf.constant([1, 3], INT64), tf.constant([5], INT64), tf.constant(2.5), tf.constant(-1.0))
case('SparseToDense', tf.constant([1, 3], INT32), tf.constant([5], INT32), tf.constant([2.5, 3.5]), tf.constant(-1.0))
case('SparseToDense', tf.constant([1, 5], INT32), tf.constant([5], INT32), tf.constant([2.5, 3.5]), tf.constant(-1.0))
case('SparseToDense', tf.constant([[0, 1], [1, 2]], INT32), tf.constant([2, 3], INT32), strings(['a', 'b']), tf.constant('?'))
case('SparseToDense', tf.constant([[0, 1], [1, 2]], INT32), tf.constant([2], INT32), strings(['a', 'b']), tf.constant('?'))
case('SparseToDense', tf.constant([[0, 1], [1, 2]], INT32), tf.constant([2, 3], INT32), strings(['a', 'b', 'c']), tf.constant('?'))
case('SparseToDense', tf.constant([[2], [1]], INT32), tf.constant([4], INT32), tf.constant([1.0, 2.0]), tf.constant(0.0), validate_indices=False)
case('SparseToDense', tf.constant([[1], [1]], INT32), tf.constant([4], INT32), tf.constant([1.0, 2.0]), tf.constant(0.0), validate_indices=False)
case('SparseFillEmptyRows', tf.zeros([0, 2], INT64), strings([]), tf.constant([2, 5], INT64), tf.constant('fill'))
case('SparseFillEmptyRows', tf.constant([[0, 0]], INT64), strings(['x']), tf.constant([0, 5], INT64), tf.constant('fill'))
case('SparseFillEmptyRows', tf.constant([[-1, 0]], INT64), strings(['x']), tf.constant([2, 5], INT64), tf.constant('fill'))
case('SparseFillEmptyRows', tf.constant([[1, 0, 2], [1, 3, 1]], INT64), strings(['x', 'y']), tf.constant([3, 5, 4], INT64), tf.constant('fill'))
case('SparseFillEmptyRows', tf.constant([[1]], INT64), tf.constant([4], INT64), tf.constant([3], INT64), tf.constant(2, INT64))

positions = tf.constant([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 2, 3]], INT64)
for new_shape in ([9, 4], [-1, 4], [2, -1], [36], [-1], [2, 3, 6], [2, 3, -1, 1], [-1, -1], [5, 7], [-1, 5], [2, 3, 4], [0, -1], [-2, 3]):
    case('SparseReshape', positions, tf.constant([2, 3, 6], INT64), tf.constant(new_shape, INT64))
case('SparseReshape', tf.zeros([0, 2], INT64), tf.constant([0, 5], INT64), tf.constant([0, 3], INT64))
case('SparseReshape', tf.zeros([0, 2], INT64), tf.constant([0, 5], INT64), tf.constant([-1, 5], INT64))
case('SparseReshape', tf.zeros([0, 2], INT64), tf.constant([0, 5], INT64), tf.constant([-1, 0], INT64))
case('SparseReshape', tf.constant([[2 ** 31, 1]], INT64), tf.constant([2 ** 32, 4], INT64), tf.constant([2, -1], INT64))
case('SparseReshape', tf.constant([[1, 1]], INT64), tf.constant([2 ** 40, 2 ** 40], INT64), tf.constant([-1], INT64))

data = np.random.randn(30, 5)
counts = [1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 18, 25, 33]
ids = [id for id, count in enumerate(counts) for _ in range(count)]
rows = [random.randrange(30) for _ in ids]
gaps = [0, 0, 2, 2, 2, 5]
for kind in ('Sum', 'Mean', 'SqrtN'):
    for dtype in (FLOAT, tf.float64, tf.float16, tf.bfloat16, INT32):
        if dtype == INT32 and kind != 'Sum':
            continue
        table = tf.cast(tf.constant(data * (10 if dtype == INT32 else 1)), dtype)
        for index_dtype in (INT32, INT64):
            case(f'SparseSegment{kind}', table, tf.constant(rows, index_dtype), tf.constant(ids, INT32))
    table = tf.constant(data, FLOAT)
    case(f'SparseSegment{kind}', table, tf.constant([3, 1, 4, 1, 5, 9], INT64), tf.constant(gaps, INT64))
    case(f'SparseSegment{kind}', table, tf.constant([], INT32), tf.constant([], INT32))
    case(f'SparseSegment{kind}', table, tf.constant([30], INT32), tf.constant([0], INT32))
    case(f'SparseSegment{kind}', table, tf.constant([-1], INT32), tf.constant([0], INT32))
    case(f'SparseSegment{kind}', table, tf.constant([1, 2], INT32), tf.constant([1, 0], INT32))
    case(f'SparseSegment{kind}', table, tf.constant([1, 2], INT32), tf.constant([-1, 0], INT32))
    case(f'SparseSegment{kind}', table, tf.constant([1, 2], INT32), tf.constant([0], INT32))
    case(f'SparseSegment{kind}', tf.reshape(table, [5, 6, 5]), tf.constant([1, 2, 4], INT32), tf.constant([0, 1, 1], INT32))
    case(f'SparseSegment{kind}', table[:, 0], tf.constant([1, 2, 4], INT32), tf.constant([0, 1, 1], INT32))
    for segments in (0, 3, 6, 9):
        case(f'SparseSegment{kind}WithNumSegments', table, tf.constant([3, 1, 4, 1, 5, 9], INT32), tf.constant(gaps, INT32), tf.constant(segments, INT32))

family('string-number')
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.5, 2.5, 3.5, 1e-5, 1.23456789e-4, 123456.789, 1e6, 1234567.0, 1e20, 1e21, 1e22, 3.4e38, 1e-38, 1e-45, 0.1, 2 / 3, 99.9999999, 9.5, 9.999996e5, 1e15, 1e16, 1e-300, float('inf'), float('-inf'), float('nan'), 0.045, 1.005, 1e100, 1.7976931348623157e308]
for dtype in (tf.float32, tf.float64, tf.float16, tf.bfloat16):
    values = tf.cast(tf.constant(FLOATS, tf.float64), dtype)
    case('AsString', values)
    for attrs in (dict(precision=0), dict(precision=2), dict(precision=20), dict(scientific=True), dict(scientific=True, precision=0), dict(scientific=True, precision=10), dict(shortest=True), dict(shortest=True, precision=3),
                  dict(shortest=True, precision=0), dict(shortest=True, precision=17), dict(width=12), dict(width=12, fill='0'), dict(width=12, fill='-'), dict(width=12, fill='+'), dict(width=12, fill=' '), dict(width=3), dict(fill='+'), dict(fill='#', precision=0), dict(fill='0', width=10, precision=2)):
        if dtype in (tf.float32, tf.float64):
            case('AsString', values, **attrs)
    case('AsString', tf.reshape(values[:4], [2, 2]), precision=1)
for dtype in (tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.uint32, tf.uint64):
    values = tf.constant([0, 1, 7, 100, dtype.min, dtype.max], dtype)
    case('AsString', values)
    for attrs in (dict(width=5), dict(width=5, fill='0'), dict(width=5, fill='-'), dict(width=5, fill='+'), dict(width=5, fill=' '), dict(fill='#'), dict(fill='x'), dict(precision=2), dict(scientific=True), dict(shortest=True), dict(width=-2)):
        case('AsString', values, **attrs)
case('AsString', tf.constant([True, False]))
case('AsString', tf.constant([True, False]), width=7)
case('AsString', tf.constant([True, False]), width=7, fill='-')
case('AsString', tf.constant([True, False]), precision=2)
case('AsString', tf.constant([1 + 2j, -0.5j, complex('inf')], tf.complex64))
case('AsString', tf.constant([1 + 2j, -0.5j], tf.complex128), precision=3, width=8)
case('AsString', strings(['a', '', b'\xff']))
case('AsString', strings(['a', '', b'\xff']), width=3)
case('AsString', strings(['a', '']), precision=3)
case('AsString', tf.constant(1.0), scientific=True, shortest=True)
case('AsString', tf.constant([], FLOAT))
NUMBERS = ['1', '-1', '+1', ' 12 ', '\t3\n', '007', '1.5', '.5', '5.', '-.5e3', '1e10', '1E-5', '1e400', '-1e400', '1e-400', 'inf', '-inf', 'INF', 'Infinity', 'infinity', 'nan', 'NaN', '-nan', 'nan(1)', '0x10', '0X1F', '-0x1', '0x1p3', '1f', '1.0f', '', ' ', '-', '+', '.', 'e', '1e', '1e+',
           '--1', '1 2', '1,000', 'one', '2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295', '4294967296', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '18446744073709551615', '18446744073709551616', '1\0', '١', '1_0', '3.4028235e38', '3.5e38', '1e-45', '16777217', '0.1', '1.00000017881393421514957253748434595763683319091796875001', '9007199254740993', '+ 1', '1\v', 'i', 'in', '+inf', '++1', '0b1', '1e5']
for text in NUMBERS:
    for dtype in (tf.float32, tf.float64, tf.int32, tf.int64, tf.uint32, tf.uint64):
        case('StringToNumber', strings([text]), out_type=dtype)
case('StringToNumber', strings(['1', '2', '3', '4'], [2, 2]))
case('StringToNumber', strings([]))

family('string-parts')
for unit in ('BYTE', 'UTF8_CHAR'):
    case('StringLength', strings(ALL), unit=unit)
    case('StringLength', strings([], [0, 3]), unit=unit)
    words = strings(['hello', 'wörld', '日本語テスト', 'a🙂b'])
    for position, length in ((0, 3), (1, 2), (-3, 2), (2, 100), (-1, 1), (3, 0), (1, 0)):
        case('Substr', words, tf.constant(position), tf.constant(length), unit=unit)
        case('Substr', words, tf.constant([position] * 4, INT64), tf.constant([length] * 4, INT64), unit=unit)
    case('Substr', strings(BROKEN + ['ok']), tf.constant(1), tf.constant(1), unit=unit)
    case('Substr', strings([b'a\x80\x80b', b'\xff\xfe\xfd']), tf.constant(1), tf.constant(1), unit=unit)
    case('Substr', words, tf.constant(6), tf.constant(1), unit=unit)
    case('Substr', words, tf.constant(-7), tf.constant(1), unit=unit)
    case('Substr', strings(['abc']), tf.constant(3), tf.constant(1), unit=unit)
    case('Substr', strings(['abc']), tf.constant(-3), tf.constant(1), unit=unit)
    case('Substr', strings(['abc']), tf.constant(1), tf.constant(-1), unit=unit)
    case('Substr', strings(['']), tf.constant(0), tf.constant(1), unit=unit)
    case('Substr', strings(['abcd', 'efgh', 'ijkl', 'mnop'], [2, 2]), tf.constant([0, 1]), tf.constant([2, 1]), unit=unit)
    case('Substr', strings(['abcd', 'efgh'], [2, 1]), tf.constant([[0, 1, 2]]), tf.constant([[2, 1, 1]]), unit=unit)
    case('Substr', tf.constant('abcdef'), tf.constant([0, 2]), tf.constant([1, 3]), unit=unit)
    case('Substr', strings(['abcdef', 'b']), tf.constant([0, 0, 0]), tf.constant([1, 3, 1]), unit=unit)
    case('Substr', strings(['abcdef']), tf.constant([0]), tf.constant(1), unit=unit)
case('StringLength', strings(['x']), unit='WORD')
case('StringStrip', strings(ALL + [' \t\n\v\f\r x y \r\f\v\n\t ', '\x1c x \x1f', '\u00a0x', '   ']))
case('StringStrip', tf.constant(' scalar '))
for separator in ('', ', ', 'é'):
    case('StringJoin', [strings(['a', 'b']), strings(['c', 'd'])], separator=separator)
    case('StringJoin', [strings(['a', 'b']), tf.constant('c'), strings(['d', ''])], separator=separator)
    case('StringJoin', [tf.constant('c'), tf.constant('')], separator=separator)
    case('StringJoin', [strings(['a', 'b'], [1, 2])], separator=separator)
    case('StringJoin', [strings([]), strings([])], separator=separator)
    case('StringJoin', [strings(['a']), strings(['b', 'c'])], separator=separator)
    case('StringJoin', [strings(['a'], [1, 1]), strings(['b'])], separator=separator)
    grid = strings([f'{i}{j}{k}' for i in range(2) for j in range(3) for k in range(2)], [2, 3, 2])
    for axes in ([0], [1], [2], [-1], [0, 1], [1, 0], [2, 0], [0, 1, 2], [2, 1, 0], [-3, -1], [], [3], [0, 0], [0, -3]):
        for keep_dims in (False, True):
            case('ReduceJoin', grid, tf.constant(axes, INT32), separator=separator, keep_dims=keep_dims)
    case('ReduceJoin', grid, tf.constant(1), separator=separator)
    case('ReduceJoin', tf.constant('scalar'), tf.constant([], INT32), separator=separator)
    case('ReduceJoin', strings([], [0, 2]), tf.constant([0]), separator=separator)
    case('ReduceJoin', strings([], [2, 0]), tf.constant([1]), separator=separator)
    case('ReduceJoin', strings([], [0, 2]), tf.constant([1]), separator=separator)
    case('UnsortedSegmentJoin', strings(['a', 'b', 'c', 'd']), tf.constant([1, 0, 1, 3]), tf.constant(4), separator=separator)
    case('UnsortedSegmentJoin', strings(['a', 'b', 'c', 'd'], [2, 2]), tf.constant([1, 1], INT64), tf.constant(2, INT64), separator=separator)
    case('UnsortedSegmentJoin', strings(['a', 'b', 'c', 'd'], [2, 2]), tf.constant([[1, 0], [0, 1]]), tf.constant(2), separator=separator)
    case('UnsortedSegmentJoin', strings(['a', 'b']), tf.constant([1, -1]), tf.constant(2), separator=separator)
    case('UnsortedSegmentJoin', strings(['a', 'b']), tf.constant([1, 2]), tf.constant(2), separator=separator)
    case('UnsortedSegmentJoin', strings(['a', 'b']), tf.constant([1]), tf.constant(2), separator=separator)
    case('UnsortedSegmentJoin', strings([]), tf.constant([], INT32), tf.constant(2), separator=separator)
blobs = strings([random_bytes(length) for length in range(12)] + ALL)
for pad in (False, True):
    case('EncodeBase64', blobs, pad=pad)
    case('DecodeBase64', tf.raw_ops.EncodeBase64(input=blobs, pad=pad))
for text in ('', 'Y', 'YQ', 'YQ=', 'YQ==', 'YQ===', 'YWI', 'YWI=', 'YWI==', 'YWJj', 'YWJj=', 'YWJjZ', '=', '==', '====', 'Y+==', 'Y/==', '-_-_', 'YW Jj', 'YWJj\n', 'YR==', 'YWJ=', 'é', 'Y=Q=', 'YQ=Y'):
    case('DecodeBase64', strings([text]))
raw = strings([bytes(range(16)), bytes(range(16, 32))])
for dtype in (tf.uint8, tf.int8, tf.int16, tf.uint16, tf.int32, tf.int64, tf.float32, tf.float64, tf.float16, tf.bool, tf.complex64):
    for little_endian in (True, False):
        if dtype not in (tf.float16,):
            case('DecodeRaw', raw if dtype not in (tf.float32, tf.float64, tf.complex64) else strings([np.array([1.5, -2.25, 3e7, 4]).astype(np.float32).tobytes()]), out_type=dtype, little_endian=little_endian)
case('DecodeRaw', strings([bytes([0, 60, 0, 62])]), out_type=tf.float16)
case('DecodeRaw', strings(['abc', 'abcd']), out_type=tf.uint8)
case('DecodeRaw', strings(['abc']), out_type=tf.int16)
case('DecodeRaw', strings([]), out_type=tf.int16)
case('DecodeRaw', strings(['', '']), out_type=tf.int16)
case('DecodeRaw', tf.constant('abcd'), out_type=tf.int16)
case('ReadFile', {'file': b'some\0bytes\xff'})
case('ReadFile', {'file': b''})
case('ReadFile', tf.constant('/no/such/file'))

family('unicode')
for errors in ('replace', 'ignore', 'strict'):
    for control in (False, True):
        chosen = ALL if errors != 'strict' else [text.encode() for text in TEXTS]
        attrs = dict(input_encoding='UTF-8', errors=errors, replace_control_characters=control)
        case('UnicodeDecode', strings(chosen), **attrs)
        case('UnicodeDecodeWithOffsets', strings(chosen), **attrs)
        case('UnicodeTranscode', strings(chosen), output_encoding='UTF-8', **attrs)
        if not control:
            case('UnicodeTranscode', strings(chosen), output_encoding='UTF-16-BE', **attrs)
            case('UnicodeTranscode', strings(chosen), output_encoding='UTF-32-BE', **attrs)
for text in BROKEN:
    case('UnicodeDecode', strings([text]), input_encoding='UTF-8', errors='strict')
case('UnicodeDecode', strings(BROKEN), input_encoding='UTF-8', replacement_char=63)
case('UnicodeDecode', strings(BROKEN), input_encoding='UTF-8', replacement_char=0x1F642)
case('UnicodeDecode', strings(ALL), input_encoding='UTF-8', Tsplits=INT32)
case('UnicodeDecode', strings([]), input_encoding='UTF-8')
case('UnicodeDecode', strings(['a', 'bc'], [2, 1]), input_encoding='UTF-8')
case('UnicodeDecode', tf.constant('scalar'), input_encoding='UTF-8')
case('UnicodeTranscode', strings(['a', 'bc'], [2, 1]), input_encoding='UTF-8', output_encoding='UTF-16-BE')
case('UnicodeTranscode', tf.constant('scalar é'), input_encoding='utf-8', output_encoding='UTF-8')
case('UnicodeTranscode', strings(['a']), input_encoding='no-such', output_encoding='UTF-8')
UTF16 = [text.encode('utf-16-be') for text in TEXTS] + [b'\0', b'\xd8\x00', b'\xd8\x00\x00a', b'\xdc\x00\x00a', b'\0a\0', b'\xd8\x3d\xde\x42\0', b'\xff\xfe\0a', b'\xfe\xff\0a']
UTF32 = [text.encode('utf-32-be') for text in TEXTS] + [b'\0\0\0', b'\0\x11\0\0\0\0\0a', b'\0\0\xd8\0\0\0\0a', b'\0\0\0a\0', b'\xff\xff\xff\xff', b'\0\0\xfe\xff\0\0\0a']
for encoding, texts in (('UTF-16-BE', UTF16), ('UTF-32-BE', UTF32), ('US-ASCII', ALL), ('ISO-8859-1', ALL)):
    for errors in ('replace', 'ignore'):
        case('UnicodeDecodeWithOffsets', strings(texts), input_encoding=encoding, errors=errors)
        case('UnicodeTranscode', strings(texts), input_encoding=encoding, output_encoding='UTF-8', errors=errors)
CODES = [0x41, 0xe9, 0x65e5, 0x1f642, 0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff, 0x41]
BAD = [0x41, 0xd800, 0xdfff, 0x110000, -1, 2 ** 31 - 1, 0xfffe, 0x42]
for encoding in ('UTF-8', 'UTF-16-BE', 'UTF-32-BE'):
    for errors in ('replace', 'ignore', 'strict'):
        case('UnicodeEncode', tf.constant(CODES), tf.constant([0, 3, 3, 13], INT64), output_encoding=encoding, errors=errors)
        case('UnicodeEncode', tf.constant(BAD), tf.constant([0, 8], INT32), output_encoding=encoding, errors=errors)
    case('UnicodeEncode', tf.constant(BAD), tf.constant([0, 8], INT32), output_encoding=encoding, replacement_char=63)
case('UnicodeEncode', tf.constant([], INT32), tf.constant([0], INT64), output_encoding='UTF-8')
case('UnicodeEncode', tf.constant([65, 66]), tf.constant([0, 1], INT64), output_encoding='UTF-8')
case('UnicodeEncode', tf.constant([65, 66]), tf.constant([0, 3], INT64), output_encoding='UTF-8')
case('UnicodeEncode', tf.constant([65, 66]), tf.constant([1, 2], INT64), output_encoding='UTF-8')
case('UnicodeEncode', tf.constant([65, 66]), tf.constant([0, 2, 1, 2], INT64), output_encoding='UTF-8')

family('string-format')
case('StringFormat', [tf.constant([1, 2, 3]), strings(['a', 'b'])], template='x=%s y=%s')
case('StringFormat', [tf.constant(1.5), tf.constant(True)], template='{} and {}', placeholder='{}')
case('StringFormat', [tf.range(20)], template='%s', summarize=3)
case('StringFormat', [tf.range(20)], template='%s', summarize=-1)
case('StringFormat', [tf.reshape(tf.range(20), [4, 5])], template='%s', summarize=2)
case('StringFormat', [tf.reshape(tf.range(24), [2, 3, 4])], template='%s', summarize=1)
case('StringFormat', [tf.reshape(tf.range(24), [2, 3, 4])], template='%s', summarize=-1)
case('StringFormat', [tf.constant(FLOATS, FLOAT)], template='%s', summarize=-1)
case('StringFormat', [tf.constant(FLOATS, tf.float64)], template='%s', summarize=-1)
case('StringFormat', [tf.constant([], FLOAT), tf.zeros([0, 3]), tf.zeros([2, 0])], template='%s|%s|%s')
case('StringFormat', [strings(['quote "x"', b'\xff\n', 'é'])], template='%s')
case('StringFormat', [tf.constant('scalar')], template='%s')
case('StringFormat', [tf.constant([1 + 2j])], template='%s')
case('StringFormat', [tf.constant([1], tf.uint8), tf.constant([-1], tf.int8), tf.constant([2 ** 62], INT64), tf.constant([1.1], tf.float16)], template='%s %s %s %s')
case('StringFormat', [tf.constant(1)], template='none')
for widths in ([2], [1, 2], [3], [5]):
    for pads in (dict(left_pad='', right_pad='', pad_width=0), dict(left_pad='L', right_pad='R', pad_width=-1), dict(left_pad='L', right_pad='R', pad_width=1), dict(left_pad='', right_pad='R', pad_width=-1), dict(left_pad='L', right_pad='', pad_width=2)):
        for preserve in (False, True):
            case('StringNGrams', strings(['a', 'b', 'c', 'd', 'e', 'ff']), tf.constant([0, 4, 4, 5, 6], INT64), separator=' ', ngram_widths=widths, preserve_short_sequences=preserve, **pads)
case('StringNGrams', strings([]), tf.constant([0], INT32), separator='|', ngram_widths=[2], preserve_short_sequences=False, left_pad='', right_pad='', pad_width=0)
case('StringNGrams', strings(['a', 'b']), tf.constant([0, 3], INT32), separator='|', ngram_widths=[2], preserve_short_sequences=False, left_pad='', right_pad='', pad_width=0)


family('ragged')
for dtype in (INT32, INT64, FLOAT, tf.float64):
    for starts, limits, deltas in (([0, 2, 5], [3, 2, 1], [1, 1, -1]), (0, [3, 0, -2], 1), ([1, 2], 9, [2, 3]), (0, 5, 1), (5, 0, -2), ([], [], []), (3, 0, 1), ([0, 1], [3, 3], [1, 0])):
        case('RaggedRange', tf.constant(starts, dtype), tf.constant(limits, dtype), tf.constant(deltas, dtype), Tsplits=INT32 if dtype == INT32 else INT64)
case('RaggedRange', tf.constant(0.0), tf.constant(1.0), tf.constant(0.1))
case('RaggedRange', tf.constant([0, 1]), tf.constant([1, 2, 3]), tf.constant(1))
outer, inner_splits = [0, 2, 2, 3], [0, 2, 5, 6]
for dtype in (INT32, INT64):
    for index_dtype in (INT32, INT64):
        for values in (strings(['a', 'b', 'c', 'd', 'e', 'f']), tf.range(6), tf.reshape(tf.range(12.0), [6, 2])):
            for indices in ([2, 0, 0], [[1, 2], [0, 1]], [], [[[0], [2]]], [3], [-1]):
                indices = tf.constant(indices, index_dtype)
                rank = indices.shape.rank
                case('RaggedGather', [tf.constant(inner_splits, dtype)], values, indices, OUTPUT_RAGGED_RANK=rank)
                case('RaggedGather', [tf.constant(outer, dtype), tf.constant(inner_splits, dtype)], values, indices, OUTPUT_RAGGED_RANK=rank + 1)
    for values in (strings(['a', 'b', 'c', 'd', 'e', 'f']), tf.range(6), tf.reshape(tf.range(12.0), [6, 2]), tf.reshape(tf.range(24.0), [6, 2, 2])):
        case('RaggedTensorToSparse', [tf.constant(inner_splits, dtype)], values)
        case('RaggedTensorToSparse', [tf.constant(outer, dtype), tf.constant(inner_splits, dtype)], values)
    case('RaggedTensorToSparse', [tf.constant([0], dtype)], tf.constant([], FLOAT))
    case('RaggedTensorToSparse', [tf.constant([0, 0, 0], dtype)], strings([]))
    case('RaggedTensorToSparse', [tf.constant([0, 2, 1, 6], dtype)], tf.range(6))
    case('RaggedTensorToSparse', [tf.constant([0, 7], dtype)], tf.range(6))
    for values, default in ((strings(['a', 'b', 'c', 'd', 'e', 'f']), tf.constant('-')), (tf.range(6), tf.constant(-1)), (tf.reshape(tf.range(12.0), [6, 2]), tf.constant([-1.0, -2.0])), (tf.reshape(tf.range(12.0), [6, 2]), tf.constant(-1.0)),
                            (tf.range(6.0) + 1, tf.constant(0.0))):
        inner = values.shape.as_list()[1:]
        for shape in (-1, [-1, -1] + [-1] * len(inner), [3, 2] + inner, [5, 4] + inner, [-1, 1] + inner, [2, -1] + inner, [0, 0] + inner):
            case('RaggedTensorToTensor', tf.constant(shape, INT64), values, default, [tf.constant(inner_splits, dtype)], row_partition_types=['ROW_SPLITS'])
            case('RaggedTensorToTensor', tf.constant(shape, INT32), values, default, [tf.constant(3, dtype), tf.constant([0, 0, 1, 1, 1, 2], dtype)], row_partition_types=['FIRST_DIM_SIZE', 'VALUE_ROWIDS'])
            case('RaggedTensorToTensor', tf.constant(shape, INT32), values, default, [tf.constant(4, dtype), tf.constant([0, 2, 2, 2, 2, 2], dtype)], row_partition_types=['FIRST_DIM_SIZE', 'VALUE_ROWIDS'])
        for shape in (-1, [-1, -1, -1] + inner, [2, 2, 2] + inner, [4, 3, 3] + inner):
            case('RaggedTensorToTensor', tf.constant(shape, INT64), values, default, [tf.constant(outer, dtype), tf.constant(inner_splits, dtype)], row_partition_types=['ROW_SPLITS', 'ROW_SPLITS'])
            case('RaggedTensorToTensor', tf.constant(shape, INT64), values, default, [tf.constant(3, dtype), tf.constant([0, 0, 2], dtype), tf.constant([0, 0, 1, 1, 1, 2], dtype)], row_partition_types=['FIRST_DIM_SIZE', 'VALUE_ROWIDS', 'VALUE_ROWIDS'])
    case('RaggedTensorToTensor', tf.constant([-1, -1], INT64), tf.constant([], FLOAT), tf.constant(0.0), [tf.constant([0], dtype)], row_partition_types=['ROW_SPLITS'])
    case('RaggedTensorToTensor', tf.constant([-1, 3], INT64), tf.constant([], FLOAT), tf.constant(2.0), [tf.constant([0, 0], dtype)], row_partition_types=['ROW_SPLITS'])
    case('RaggedTensorToTensor', tf.constant([-1], INT64), tf.range(6), tf.constant(0), [tf.constant(inner_splits, dtype)], row_partition_types=['ROW_SPLITS'])
    case('RaggedTensorToTensor', tf.constant(-1, INT64), tf.range(6), tf.constant([1, 2]), [tf.constant(inner_splits, dtype)], row_partition_types=['ROW_SPLITS'])
for values in (strings(['a', 'b', 'c', 'd', 'e', 'f']), tf.range(6), tf.reshape(tf.range(12.0), [6, 2])):
    for nested in ([inner_splits], [outer, inner_splits]):
        splits = [tf.constant(level, INT64) for level in nested]
        rank = len(nested)
        script = Script()
        encoded = script.run('RaggedTensorToVariant', splits, values, batched_input=False)
        script.run('RaggedTensorFromVariant', encoded, input_ragged_rank=rank, output_ragged_rank=rank, Tvalues=values.dtype, Tsplits=INT64)
        encoded = script.run('RaggedTensorToVariant', splits, values, batched_input=True)
        script.run('RaggedTensorFromVariant', encoded, input_ragged_rank=rank - 1, output_ragged_rank=rank, Tvalues=values.dtype, Tsplits=INT64)
        script.run('RaggedTensorFromVariant', encoded, input_ragged_rank=-1, output_ragged_rank=rank, Tvalues=values.dtype, Tsplits=INT64)
        script.run('RaggedTensorFromVariant', encoded, input_ragged_rank=rank, output_ragged_rank=rank, Tvalues=values.dtype, Tsplits=INT64)

family('sparse-math')
for dtype in (FLOAT, tf.float64, INT32, INT64):
    entries = [((0, 1), 2), ((0, 3), 5), ((2, 0), -3), ((2, 3), 7), ((3, 2), 1)]
    indices, values, dense_shape = sparse(entries, [4, 5])
    values = tf.cast(values, dtype) if dtype in (INT32, INT64) else tf.cast(values, dtype) * tf.constant(1.1, dtype)
    right = tf.cast(tf.constant(np.random.randn(5, 3) * 10), dtype)
    tall = tf.cast(tf.constant(np.random.randn(4, 3) * 10), dtype)
    if dtype != INT64:
        case('SparseTensorDenseMatMul', indices, values, dense_shape, right)
        case('SparseTensorDenseMatMul', tf.cast(indices, INT32), values, dense_shape, right)
        case('SparseTensorDenseMatMul', indices, values, dense_shape, tf.transpose(right), adjoint_b=True)
        case('SparseTensorDenseMatMul', indices, values, dense_shape, tall, adjoint_a=True)
        case('SparseTensorDenseMatMul', indices, values, dense_shape, tf.transpose(tall), adjoint_a=True, adjoint_b=True)
        case('SparseTensorDenseMatMul', indices, values, dense_shape, tall)
        case('SparseTensorDenseMatMul', indices[:0], values[:0], dense_shape, right)
        case('SparseTensorDenseMatMul', indices + 3, values, dense_shape, right)
    entries = [((0, 0, 1), 2), ((0, 1, 0), 5), ((0, 1, 2), -3), ((1, 0, 1), 7), ((1, 1, 0), 1)]
    indices, values, dense_shape = sparse(entries, [2, 2, 3])
    values = tf.cast(values, dtype)
    for axes in ([0], [1], [2], [-1], [0, 2], [0, 1, 2], [], [3], [1, 1]):
        for keep_dims in (False, True):
            for op in ('SparseReduceSum', 'SparseReduceMax', 'SparseReduceSumSparse', 'SparseReduceMaxSparse'):
                case(op, indices, values, dense_shape, tf.constant(axes, INT32), keep_dims=keep_dims)
    case('SparseReduceSum', indices, values, dense_shape, tf.constant(1), keep_dims=False)
    case('SparseReduceSum', indices[:0], values[:0], dense_shape, tf.constant([1]), keep_dims=False)
    case('SparseReduceMax', indices[:0], values[:0], dense_shape, tf.constant([1]), keep_dims=False)
    for dense in (tf.cast(tf.reshape(tf.range(1, 13), [2, 2, 3]), dtype), tf.cast([4, 5, 6], dtype), tf.cast([[1], [2]], dtype), tf.cast(3, dtype), tf.cast([1, 2], dtype), tf.cast(tf.ones([1, 2, 2, 3]), dtype)):
        for op in ('SparseDenseCwiseAdd', 'SparseDenseCwiseMul', 'SparseDenseCwiseDiv'):
            case(op, indices, values, dense_shape, dense)
    case('SparseTensorDenseAdd', indices, values, dense_shape, tf.cast(tf.reshape(tf.range(12), [2, 2, 3]), dtype))
    case('SparseTensorDenseAdd', indices, values, dense_shape, tf.cast(tf.reshape(tf.range(12), [2, 3, 2]), dtype))
    other, other_values, _ = sparse([((0, 0, 0), 1), ((0, 1, 0), -5), ((1, 1, 2), 4)], [2, 2, 3])
    for threshold in (0, 2):
        case('SparseAdd', indices, values, dense_shape, other, tf.cast(other_values, dtype), dense_shape, tf.constant(threshold, dtype))
    case('SparseAdd', indices, values, dense_shape, other, tf.cast(other_values, dtype), tf.constant([2, 2, 4], INT64), tf.constant(0, dtype))
    for axis, parts in ((0, 1), (0, 2), (2, 2), (2, 3), (-1, 3), (2, 4), (3, 1)):
        case('SparseSplit', tf.constant(axis, INT64), indices, values, dense_shape, num_split=parts)
    if dtype in (FLOAT, tf.float64):
        case('SparseSoftmax', indices, values, dense_shape)
        case('SparseSoftmax', indices[:0], values[:0], dense_shape)

family('sets')
for operation in ('a-b', 'b-a', 'intersection', 'union', 'xor'):
    for first, second in (
        (tf.constant([[1, 2, 2, 9], [3, 3, 3, 3]]), tf.constant([[2, 5], [3, 4]])), (strings(['b', 'a', 'c', 'a'], [2, 2]), strings(['a', 'ab', 'é', 'c'], [2, 2])), (tf.constant([3, 1, 2], INT64), tf.constant([2, 7], INT64)),
        (tf.constant([[[1], [2]], [[3], [4]]]), tf.constant([[[1], [9]], [[3], [3]]])), (tf.constant([[1, 2]]), tf.constant([[1], [2]])), (tf.zeros([2, 0], INT32), tf.constant([[1], [2]])), (tf.constant([2 ** 62, -1], INT64), tf.constant([-1, -2 ** 62], INT64)),
    ):
        case('DenseToDenseSetOperation', first, second, set_operation=operation)
        if second.shape.rank > 1 and second.shape.num_elements():
            packed = tf.sparse.from_dense(tf.where(second == second[0][0], second, second)) if second.dtype != STRING else None
            if packed is not None:
                case('DenseToSparseSetOperation', first, packed.indices, packed.values, packed.dense_shape, set_operation=operation)
                other = tf.sparse.from_dense(first)
                case('SparseToSparseSetOperation', other.indices, other.values, other.dense_shape, packed.indices, packed.values, packed.dense_shape, set_operation=operation)
case('SetSize', tf.constant([[0, 0], [0, 1], [0, 2], [2, 0]], INT64), tf.constant([1, 1, 2, 3]), tf.constant([4, 3], INT64))
case('SetSize', tf.constant([[0, 0], [0, 1]], INT64), strings(['x', 'x']), tf.constant([2, 3], INT64))


family('examples')


def feature(values):
    if values and isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    if values and isinstance(values[0], int):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


def example(**features):
    return tf.train.Example(features=tf.train.Features(feature={name: item if isinstance(item, tf.train.Feature) else feature(item) for name, item in features.items()})).SerializeToString(deterministic=True)


EXAMPLES = [
    example(x=[1.5], y=[2.0, 3.0], n=[1, -2, 2 ** 62], s=[b'a', b'', b'\xff']),
    example(x=[-0.0], n=[7], s=[b'long' * 40]),
    example(x=[float('inf')], y=[4.0, 5.0], other=[b'ignored'], n=tf.train.Feature(int64_list=tf.train.Int64List())),
    example(x=[2.0], y=[0.0, 1.0]),
]
NONE = strings([])


def v2(serialized, sparse=(), dense=(), ragged=(), defaults=(), shapes=(), sparse_types=(), ragged_types=(), split_types=()):
    case('ParseExampleV2', serialized, NONE, strings(sparse), strings(dense), strings(ragged), list(defaults), num_sparse=len(sparse), sparse_types=list(sparse_types), ragged_value_types=list(ragged_types),
         ragged_split_types=list(split_types), dense_shapes=[tf.TensorShape(shape) for shape in shapes])


none_float, none_int, none_string = tf.constant([], FLOAT), tf.constant([], INT64), strings([])
for batch in (strings(EXAMPLES), strings(EXAMPLES[:1]), strings([]), tf.constant(EXAMPLES[0])):
    v2(batch, dense=['x'], defaults=[none_float], shapes=[[]])
    v2(batch, dense=['x'], defaults=[none_float], shapes=[[1]])
    v2(batch, dense=['y', 'x'], defaults=[tf.constant([8.0, 9.0]), none_float], shapes=[[2], [1]])
    v2(batch, dense=['y'], defaults=[tf.constant([[8.0], [9.0]])], shapes=[[2, 1]])
    v2(batch, dense=['y'], defaults=[none_float], shapes=[[2]])
    v2(batch, dense=['n'], defaults=[tf.constant(-1, INT64)], shapes=[[None]])
    v2(batch, dense=['s'], defaults=[tf.constant('pad')], shapes=[[None]])
    v2(batch, dense=['y'], defaults=[tf.constant(-1.0)], shapes=[[None]])
    v2(batch, dense=['y'], defaults=[tf.constant(-1.0)], shapes=[[None, 2]])
    v2(batch, dense=['n'], defaults=[tf.constant(-1, INT64)], shapes=[[None, 2]])
    v2(batch, sparse=['s', 'n', 'y', 'absent'], sparse_types=[STRING, INT64, FLOAT, FLOAT])
    v2(batch, ragged=['s', 'n', 'y'], ragged_types=[STRING, INT64, FLOAT], split_types=[INT64, INT32, INT32])
    v2(batch, sparse=['s'], sparse_types=[STRING], dense=['x', 'n'], defaults=[none_float, tf.constant(3, INT64)], shapes=[[], [None]], ragged=['y'], ragged_types=[FLOAT], split_types=[INT64])
    v2(batch, dense=['x'], defaults=[none_int], shapes=[[]])
    v2(batch, sparse=['x'], sparse_types=[INT64])
    v2(batch, dense=['absent'], defaults=[none_string], shapes=[[]])
    v2(batch, dense=['absent'], defaults=[tf.constant('d')], shapes=[[]])
    v2(batch, dense=['absent'], defaults=[tf.constant(['d', 'e'])], shapes=[[2]])
    if batch.shape.rank == 1:
        case('ParseExample', batch, NONE, [tf.constant('s'), tf.constant('n')], [tf.constant('x'), tf.constant('y')], [none_float, tf.constant([8.0, 9.0])], sparse_types=[STRING, INT64], dense_shapes=[tf.TensorShape([1]), tf.TensorShape([2])])
        case('ParseExample', batch, NONE, [tf.constant('s')], [], [], sparse_types=[STRING], dense_shapes=[])
    else:
        case('ParseSingleExample', batch, [none_float, tf.constant([8.0, 9.0])], num_sparse=2, sparse_keys=['s', 'n'], dense_keys=['x', 'y'], sparse_types=[STRING, INT64], dense_shapes=[tf.TensorShape([1]), tf.TensorShape([2])])


def field(number, payload):
    return bytes([number << 3 | 2, len(payload)]) + payload


lists = field(1, field(1, b'x') + field(2, field(2, b'\x0d\x00\x00\x80?\x0d\x00\x00\x00@'))) + field(1, field(1, b'n') + field(2, field(3, b'\x08\x05\x08\x96\x01')))
twice = field(1, field(1, b'x') + field(2, field(2, field(1, b'\x00\x00\x80?')))) + field(1, field(1, b'x') + field(2, field(2, field(1, b'\x00\x00\x00@'))))
for text in (field(1, lists), field(1, twice), b'', b'\x0a', b'\xff', b'\x0a\x05abc', EXAMPLES[0][:-1], field(2, b'unknown') + EXAMPLES[3], EXAMPLES[0] + EXAMPLES[3]):
    v2(strings([text]), sparse=['x', 'n'], sparse_types=[FLOAT, INT64])


def lines(items):
    return ',\n'.join(json.dumps(item, ensure_ascii=True, separators=(',', ':')) for item in items)


def share(cases):
    """Takes the tensors that come more than once out of the cases and returns them."""
    places = {}
    for steps in cases:
        for entry in steps:
            for tensors in (entry['inputs'], entry.get('outputs') or []):
                for at, tensor in enumerate(tensors):
                    places.setdefault(json.dumps(tensor), []).append((tensors, at))
    shared = []
    for text, uses in places.items():
        if len(uses) > 1 and len(text) > 200:
            for tensors, at in uses:
                tensors[at] = {'tensor': len(shared)}
            shared.append(json.loads(text))
    return shared


if __name__ == '__main__':
    output = sys.argv[1]
    os.makedirs(output, exist_ok=True)
    for name, everything in FAMILIES.items():
        cases = [steps for steps in everything if steps]
        tensors = share(cases)
        with open(os.path.join(output, f'{name}.json'), 'w') as out:
            out.write('{"tensors":[\n' + lines(tensors) + '\n],"cases":[\n' + lines(cases) + '\n]}\n')
        print(name, len(cases), os.path.getsize(os.path.join(output, f'{name}.json')))
