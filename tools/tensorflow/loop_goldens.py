"""Graphs with loops and branches worth a backend's time, and what TensorFlow computes with them.

    CUDA_VISIBLE_DEVICES= python tools/tensorflow/loop_goldens.py packages/backend-onnx/testdata/loops.json.gz       (TensorFlow 2.21)

Each case is a function of a graph: it takes placeholders and returns what to fetch. Dimensions are unknown where a case says so, and every case runs with
several feeds. A graph is kept as a GraphDef in base64; tensors are {"dtype", "shape", "data"}, base64 of little-endian elements. "inside" says whether ONNX can
express the loop.
"""
import base64
import gzip
import json
import os
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
raw = tf.raw_ops
CASES = []


def floats(*shape, seed=0, dtype=np.float32):
    return np.random.RandomState(seed + 31 * len(shape)).uniform(-0.8, 0.8, shape).astype(dtype)


def case(*runs, shapes, inside=True, v2=True, tolerance=None):
    """`runs` are feeds, in the order of the function's arguments; `shapes` are those of its placeholders."""

    def register(build):
        CASES.append((build.__name__.replace("_", " "), build, [[np.asarray(feed) for feed in run] for run in runs], shapes, inside, v2, tolerance))
        return build

    return register


W4 = floats(4, 4, seed=1)
W34 = floats(3, 4, seed=2)
I32 = np.int32
N = [(floats(2, 4), I32(n)) for n in (0, 1, 5)]
SEQUENCES = [(floats(5, 2, 3),), (floats(1, 1, 3),), (floats(7, 4, 3, seed=3),)]


@case(*N, shapes=[[None, 4], []])
def as_often_as_is_fed(x, n):
    return tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.tanh(a @ W4)), [0, x])


@case((floats(1, 4),), (floats(3, 4) * 20,), shapes=[[None, 4]])
def until_it_is_small(x):
    return tf.while_loop(lambda a, k: tf.norm(a) > 0.05, lambda a, k: (a @ W4 * 0.7, k + 1), [x, tf.constant(0, tf.int64)])


@case(*N, shapes=[None, []])
def of_unknown_rank(x, n):
    return tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.linalg.matmul(tf.reshape(a, [-1, 4]), W4)), [0, tf.reshape(x, [-1, 4])])


@case(*[(floats(2, 256), I32(n)) for n in (0, 3)], shapes=[[None, 256], []])
def cheap_ones_between_products(x, n):
    y = x @ tf.fill([256, 256], 0.02)
    _, y = tf.while_loop(lambda i, _: i < n, lambda i, a: (i + 1, tf.cond(i > 1, lambda: a * 2.0, lambda: tf.abs(a))), [0, y])
    y = tf.cond(n > 2, lambda: y + 1.0, lambda: y)
    return y @ tf.fill([256, 256], -0.02)


def cell(x, h):
    return tf.tanh(x @ W34 + h @ W4)


@case(*SEQUENCES, shapes=[[None, None, 3]])
def recurrent_all_outputs(x):
    items = tf.TensorArray(tf.float32, tf.shape(x)[0]).unstack(x)
    out = tf.TensorArray(tf.float32, tf.shape(x)[0], element_shape=[None, 4])

    def body(i, h, out):
        h = cell(items.read(i), h)
        return i + 1, h, out.write(i, h)

    _, h, out = tf.while_loop(lambda i, *_: i < tf.shape(x)[0], body, [0, tf.zeros([tf.shape(x)[1], 4]), out])
    return h, out.stack()


@case(*SEQUENCES, shapes=[[None, None, 3]])
def recurrent_last_output(x):
    items = tf.TensorArray(tf.float32, tf.shape(x)[0]).unstack(x)
    out = tf.TensorArray(tf.float32, 1, element_shape=[None, 4])

    def body(i, h, out):
        h = cell(items.read(i), h)
        return i + 1, h, out.write(0, h)

    _, _, out = tf.while_loop(lambda i, *_: i < tf.shape(x)[0], body, [0, tf.zeros([tf.shape(x)[1], 4]), out])
    return out.stack()[0]


@case(*N, shapes=[[2, 4], []])
def elements_that_nothing_wrote(x, n):
    out = tf.TensorArray(tf.float32, 9, element_shape=[2, 4])
    return tf.while_loop(lambda i, *_: i < n + 2, lambda i, a, o: (i + 1, a @ W4, o.write(i, a)), [2, x, out])[2].stack()


@case(*N, shapes=[[2, 4], []])
def no_iterations_of_known_shapes(x, n):
    out = tf.TensorArray(tf.float32, n, element_shape=[2, 4])
    return tf.while_loop(lambda i, *_: i < n, lambda i, a, o: (i + 1, a @ W4, o.write(i, a)), [0, x, out])[2].stack()


@case(*N, shapes=[[2, 4], []])
def backwards(x, n):
    out = tf.TensorArray(tf.float32, 5, element_shape=[2, 4])
    return tf.while_loop(lambda i, *_: i >= 5 - n, lambda i, a, o: (i - 1, a @ W4, o.write(i, a)), [4, x, out])[2].stack()


@case(*N, shapes=[[2, 4], []])
def elements_that_are_read_again(x, n):
    out = tf.TensorArray(tf.float32, n + 2, element_shape=[2, 4], clear_after_read=False).write(0, x).write(1, x + 1)

    def body(i, o):
        return i + 1, o.write(i, tf.tanh(o.read(i - 1) @ W4 + o.read(i - 2)))

    return tf.while_loop(lambda i, _: i < n + 2, body, [2, out])[1].stack()


@case(*N, shapes=[[None, 4], []])
def elements_of_unknown_shape_that_are_read_again(x, n):
    out = tf.TensorArray(tf.float32, n + 1, element_shape=[None, 4], clear_after_read=False).write(0, x)
    return tf.while_loop(lambda i, _: i < n + 1, lambda i, o: (i + 1, o.write(i, o.read(i - 1) @ W4)), [1, out])[1].stack()


@case(*N[1:], shapes=[[None, 4], []])
def pushed_back(x, n):
    empty = raw.EmptyTensorList(element_shape=[-1, 4], max_num_elements=-1, element_dtype=tf.float32)
    body = lambda i, a, o: (i + 1, a @ W4, raw.TensorListPushBack(input_handle=o, tensor=a))
    _, _, out = tf.while_loop(lambda i, *_: i < n, body, [0, x, empty])
    stacked = raw.TensorListStack(input_handle=out, element_shape=[-1, 4], element_dtype=tf.float32)
    return stacked, raw.TensorListLength(input_handle=out)


@case(*N, shapes=[[None, 4], []])
def growing(x, n):
    invariants = [tf.TensorShape([]), tf.TensorShape([None, 4])]
    return tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.concat([a, a[:1] @ W4], 0)), [0, x], shape_invariants=invariants)


@case(*N, shapes=[[None, 4], []])
def nested(x, n):
    def body(i, a):
        return i + 1, tf.while_loop(lambda j, _: j < i, lambda j, b: (j + 1, tf.tanh(b @ W4)), [0, a])[1] + 0.5

    return tf.while_loop(lambda i, a: i < n, body, [0, x])


@case(*[(floats(4, 2, 3), I32(n)) for n in (1, 3)], shapes=[[None, None, 3], []])
def nested_with_lists(x, n):
    items = tf.TensorArray(tf.float32, tf.shape(x)[0]).unstack(x)
    zeros = tf.zeros([tf.shape(x)[1], 4])
    outer = tf.TensorArray(tf.float32, n, element_shape=[None, None, 4])

    def body(k, h, outer):
        inner = tf.TensorArray(tf.float32, tf.shape(x)[0], element_shape=[None, 4])

        def step(i, h, inner):
            h = cell(items.read(i), h)
            return i + 1, h, inner.write(i, h)

        _, h, inner = tf.while_loop(lambda i, *_: i < tf.shape(x)[0], step, [0, h, inner])
        return k + 1, h * 0.5, outer.write(k, inner.stack())

    _, h, outer = tf.while_loop(lambda k, *_: k < n, body, [0, zeros, outer])
    return h, outer.stack()


@case(*SEQUENCES, shapes=[[None, None, 3]])
def one_loop_reads_what_another_wrote(x):
    n = tf.shape(x)[0]
    items = tf.TensorArray(tf.float32, n).unstack(x)
    first = tf.TensorArray(tf.float32, n, element_shape=[None, 4], clear_after_read=False)
    second = tf.TensorArray(tf.float32, n, element_shape=[None, 4])
    _, first = tf.while_loop(lambda i, _: i < n, lambda i, o: (i + 1, o.write(i, items.read(i) @ W34)), [0, first])
    _, second = tf.while_loop(lambda i, _: i < n, lambda i, o: (i + 1, o.write(i, first.read(n - 1 - i) @ W4)), [0, second])
    return second.stack(), first.gather([0])


@case(*N, shapes=[[None, 4], []])
def branches_in_it(x, n):
    def body(i, a):
        a = tf.cond(tf.equal(i % 2, 0), lambda: a @ W4, lambda: tf.cond(i > 2, lambda: a - 1.0, lambda: tf.identity(x)))
        return i + 1, a

    return tf.while_loop(lambda i, a: i < n, body, [0, x])


@case(*N, shapes=[[None, 4], []])
def cases_in_it(x, n):
    def body(i, a):
        return i + 1, tf.switch_case(i - 1, [lambda: a @ W4, lambda: a + 1.0, lambda: a * a])

    return tf.while_loop(lambda i, a: i < n, body, [0, x])


@case(*[(floats(2, 4), I32(n), flag) for n in (0, 3) for flag in (True, False)], shapes=[[None, 4], [], []])
def a_list_through_branches(x, n, flag):
    def body(i, o):
        return i + 1, tf.cond(flag, lambda: o.write(i, x @ W4), lambda: o.write(n - 1 - i, x * tf.cast(i, tf.float32)))

    out = tf.TensorArray(tf.float32, n + 1, element_shape=[2, 4])
    return tf.while_loop(lambda i, _: i < n, body, [0, out])[1].stack()


@case(*N, shapes=[[None, 4], []])
def changing_places(x, n):
    def body(i, a, b, c, d):
        return i + 1, b, a @ W4, c, tf.constant([1.0, 2.0])

    return tf.while_loop(lambda i, *_: i < n, body, [0, x, x + 1, x * 2, tf.constant([0.5, 0.5])])


@case(*N, shapes=[[None, 4], []])
def no_more_than(x, n):
    return tf.while_loop(lambda a: tf.reduce_sum(a) < 1e6, lambda a: (a @ W4,), [x], maximum_iterations=n)


@case(*[(floats(2, 4, dtype=np.float64), np.int64(n)) for n in (0, 4)], shapes=[[None, 4], []])
def of_wider_types(x, n):
    zero = tf.constant(0, tf.int64)
    out = tf.TensorArray(tf.float64, 4, element_shape=[2, 4])
    body = lambda i, a, o: (i + 1, a @ W4.astype(np.float64), o.write(tf.cast(i, tf.int32), a))
    _, a, out = tf.while_loop(lambda i, *_: i < n, body, [zero, x, out])
    return a, out.stack()


@case(*[(floats(2, 4, dtype=np.float16), I32(n)) for n in (0, 3)], shapes=[[None, 4], []], tolerance=4e-3)
def of_half_precision(x, n):
    out = tf.TensorArray(tf.bool, n, element_shape=[2])
    body = lambda i, a, o: (i + 1, a @ W4.astype(np.float16), o.write(i, tf.reduce_sum(a, 1) > 0))
    _, a, out = tf.while_loop(lambda i, *_: i < n, body, [0, x, out])
    return a, out.stack()


@case((floats(3, 6, 3), I32([6, 2, 4])), (floats(1, 2, 3), I32([1])), shapes=[[None, None, 3], [None]], v2=False)
def of_the_first_version_with_lengths(x, lengths):
    with tf1.variable_scope("rnn"):
        weights = tf.constant(floats(7, 16, seed=5))

        def step(x, c, h):
            i, j, f, o = tf.split(tf.concat([x, h], 1) @ weights, 4, 1)
            c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
            return c, tf.tanh(c) * tf.sigmoid(o)

        time = tf.shape(x)[1]
        items = tf.TensorArray(tf.float32, time).unstack(tf.transpose(x, [1, 0, 2]))
        out = tf.TensorArray(tf.float32, time)
        zeros = tf.zeros([tf.shape(x)[0], 4])

        def body(t, c, h, out):
            new_c, new_h = step(items.read(t), c, h)
            goes_on = (t < lengths)[:, tf.newaxis]
            out = out.write(t, tf.where(goes_on, new_h, tf.zeros_like(new_h)))
            return t + 1, tf.where(goes_on, new_c, c), tf.where(goes_on, new_h, h), out

        _, c, h, out = tf1.while_loop(lambda t, *_: t < time, body, [0, zeros, zeros, out])
        return c, h, tf.transpose(out.stack(), [1, 0, 2])


@case(*SEQUENCES, shapes=[[None, None, 3]], v2=False)
def of_the_first_version_reading_rows_of_unknown_rank(x):
    items = tf.TensorArray(tf.float32, tf.shape(x)[0]).unstack(x)

    def body(t, h):
        row = items.read(t)
        return t + 1, cell(row, h) + tf.tile(row, [1, 2])[:, :4]

    return tf1.while_loop(lambda t, _: t < tf.shape(x)[0], body, [0, tf.zeros([tf.shape(x)[1], 4])])


@case(*N[1:], shapes=[[None, 4], []], v2=False)
def of_the_first_version_growing(x, n):
    out = tf.TensorArray(tf.float32, 0, dynamic_size=True)
    _, _, out = tf1.while_loop(lambda i, *_: i < n, lambda i, a, o: (i + 1, a @ W4, o.write(i, a)), [0, x, out])
    return out.stack(), out.size()


@case(*N, shapes=[[None, 4], []], v2=False)
def of_the_first_version_nested(x, n):
    def body(i, a):
        b = tf1.while_loop(lambda j, _: j < i, lambda j, b: (j + 1, tf.tanh(b @ W4)), [0, a])[1]
        return i + 1, tf1.cond(tf.reduce_sum(b) > 0, lambda: b + 0.5, lambda: b @ W4)

    return tf1.while_loop(lambda i, a: i < n, body, [0, x])


@case(*SEQUENCES, shapes=[[None, None, 3]])
def maps_and_scans(x):
    mapped = tf.map_fn(lambda row: tf.nn.softmax(row @ W34), x)
    scanned = tf.scan(lambda h, row: cell(row, h), x, tf.zeros([tf.shape(x)[1], 4]))
    folded = tf.foldr(lambda h, row: cell(row, h), x, tf.zeros([tf.shape(x)[1], 4]))
    return mapped, scanned, folded


@case(*SEQUENCES, shapes=[[None, None, 3]], v2=False)
def maps_and_scans_of_the_first_version(x):
    mapped = tf1.map_fn(lambda row: (tf.nn.softmax(row @ W34), tf.shape(row)[0]), x, dtype=(tf.float32, tf.int32))
    scanned = tf1.scan(lambda h, row: cell(row, h), x, tf.zeros([tf.shape(x)[1], 4]), reverse=True)
    return *mapped, scanned


@case((floats(3, 2, 5, 6, 2),), (floats(1, 1, 4, 4, 2),), shapes=[[None, None, None, None, 2]])
def convolutions(x):
    kernel = floats(3, 3, 5, 12, seed=4)
    items = tf.TensorArray(tf.float32, tf.shape(x)[0]).unstack(x)
    out = tf.TensorArray(tf.float32, tf.shape(x)[0], element_shape=[None, None, None, 3])

    def body(t, h, c, out):
        gates = tf.nn.conv2d(tf.concat([items.read(t), h], 3), kernel, 1, "SAME")
        i, f, g, o = tf.split(gates, 4, 3)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.nn.relu(c)
        return t + 1, h, c, out.write(t, h)

    zeros = tf.zeros(tf.concat([tf.shape(x)[1:4], [3]], 0))
    loop = tf.while_loop(lambda t, *_: t < tf.shape(x)[0], body, [0, zeros, zeros, out])
    return loop[2], loop[3].stack()


@case((floats(2, 6, 3), I32([4, 6])), (floats(3, 1, 3), I32([1, 0, 1])), shapes=[[None, None, 3], [None]])
def keras_with_masks(x, lengths):
    import tf_keras

    tf_keras.utils.set_random_seed(1)
    mask = tf.sequence_mask(lengths, tf.shape(x)[1])
    lstm = tf_keras.layers.Bidirectional(tf_keras.layers.LSTM(4, return_sequences=True), name="both")
    y = lstm(x, mask=mask)
    gru = tf_keras.layers.RNN([tf_keras.layers.GRUCell(5), tf_keras.layers.SimpleRNNCell(2)], zero_output_for_mask=True, return_state=True)
    return gru(y, mask=mask)


@case((floats(2, 3), I32(4)), (floats(1, 3), I32(1)), shapes=[[None, 3], []])
def decoding(x, n):
    embedding = floats(6, 4, seed=8)

    def body(i, h, token, tokens, done):
        h = tf.tanh(tf.gather(embedding, token) @ W4 + h)
        scores = tf.nn.log_softmax(h @ tf.transpose(embedding))
        best, token = tf.math.top_k(scores, 1)
        token = tf.where(done, 0, token[:, 0])
        return i + 1, h, token, tokens.write(i, token), tf.logical_or(done, tf.equal(token, 3))

    goes_on = lambda i, h, token, tokens, done: tf.logical_and(i < n, tf.logical_not(tf.reduce_all(done)))
    tokens = tf.TensorArray(tf.int32, n, element_shape=[None])
    start = tf.zeros([tf.shape(x)[0]], tf.int32)
    loop = tf.while_loop(goes_on, body, [0, x @ W34, start, tokens, tf.zeros_like(start, tf.bool)])
    return loop[0], loop[3].stack()


@case(*N, shapes=[[None, 4], []], inside=False)
def with_text(x, n):
    body = lambda i, a, s: (i + 1, a @ W4, tf.strings.join([s, tf.strings.as_string(i)]))
    _, a, s = tf.while_loop(lambda i, *_: i < n, body, [0, x, ""])
    return a, tf.strings.length(s)


@case(*N[1:], shapes=[[None, 4], []], inside=False)
def elements_of_different_shapes(x, n):
    out = tf.TensorArray(tf.float32, n, element_shape=[None, 4], infer_shape=False)
    body = lambda i, a, o: (i + 1, tf.concat([a, a[:1] @ W4], 0), o.write(n - 1 - i, a))
    shapes = [tf.TensorShape([]), tf.TensorShape([None, 4]), tf.TensorShape(None)]
    return tf.while_loop(lambda i, *_: i < n, body, [0, x, out], shape_invariants=shapes)[2].concat()


@case(*N[1:], shapes=[[None, 4], []], inside=False)
def gradients(x, n):
    w = tf.constant(W4)
    y = tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.tanh(a @ w)), [0, x])[1]
    return tf1.gradients(y, [x, w])


def tensor(array):
    array = np.asarray(array)
    data = np.ascontiguousarray(array).tobytes()
    return {"dtype": tf.as_dtype(array.dtype).name, "shape": list(array.shape), "data": base64.b64encode(data).decode()}


written = []
for name, build, runs, shapes, inside, v2, tolerance in CASES:
    (tf1.enable_control_flow_v2 if v2 else tf1.disable_control_flow_v2)()
    (tf1.enable_tensor_equality)()
    graph = tf.Graph()
    with graph.as_default():
        feeds = [tf1.placeholder(feed.dtype, shape, name=f"x{i}") for i, (feed, shape) in enumerate(zip(runs[0], shapes))]
        fetches = build(*feeds)
        fetches = [fetch for fetch in (fetches if isinstance(fetches, (list, tuple)) else [fetches])]
    with tf1.Session(graph=graph) as session:
        variables = graph.get_collection("variables")
        session.run([variable.initializer for variable in variables])
        results = [session.run(fetches, dict(zip(feeds, run))) for run in runs]
        definition = graph.as_graph_def()
        if variables:
            definition = tf1.graph_util.convert_variables_to_constants(session, definition, [fetch.op.name for fetch in fetches])
    written.append(
        {
            "name": name,
            "graph": base64.b64encode(definition.SerializeToString(deterministic=True)).decode(),
            "feeds": [feed.name for feed in feeds],
            "fetches": [fetch.name for fetch in fetches],
            "inside": inside,
            **({"tolerance": tolerance} if tolerance else {}),
            "runs": [{"inputs": [tensor(f) for f in run], "outputs": [tensor(r) for r in result]} for run, result in zip(runs, results)],
        }
    )
text = "[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in written) + "\n]\n"
with open(sys.argv[1], "wb") as file:
    file.write(gzip.compress(text.encode(), 9, mtime=0))
print(f"{len(written)} cases, {os.path.getsize(sys.argv[1]) >> 10} KB")
