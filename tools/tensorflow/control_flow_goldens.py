"""Graphs with control flow of TensorFlow 1, and what TensorFlow computes with them.

    python tools/tensorflow/control_flow_goldens.py packages/graph/testdata/control-flow.json

Each case is a function of a graph: it returns placeholders and fetches. Its variables are reference variables, initialised before every
run, so that each run is the first. A graph is kept as a GraphDef in base64.
"""
import base64
import json
import os
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
tf1.disable_eager_execution()
tf1.disable_control_flow_v2()
tf1.disable_resource_variables()

CASES = []


def case(*feeds):
    def register(build):
        CASES.append((build.__name__.replace("_", "-"), build, feeds))
        return build

    return register


def inputs(**dtypes):
    return {name: tf1.placeholder(dtype, [], name=name) for name, dtype in dtypes.items()}


@case(dict(x=3, p=True), dict(x=3, p=False))
def conditions_in_conditions_on_one_flag():
    i = inputs(x=tf.int32, p=tf.bool)
    x, p = i["x"], i["p"]
    inner = lambda a: tf1.cond(p, lambda: a + 1, lambda: a - 100)
    return i, {"y": tf1.cond(p, lambda: inner(x * 2), lambda: inner(x * 5))}


@case(dict(x=4), dict(x=-4))
def asserts_that_nobody_reads():
    i = inputs(x=tf.int32)
    x = i["x"]

    def positive():
        tf1.Assert(x > 1, [x])
        with tf.control_dependencies([tf1.Assert(x > 2, [x])]):
            return tf.identity(x) * 2

    return i, {"y": tf1.cond(x > 0, positive, lambda: tf1.negative(x))}


@case(dict(x=1, training=True), dict(x=1, training=False))
def layers_on_one_flag():
    """As batch normalization and dropout do: every layer asks the same placeholder, and later layers depend on earlier ones."""
    i = inputs(x=tf.float32, training=tf.bool)
    y = i["x"]
    for layer in range(4):
        mean, variance = tf1.cond(
            i["training"], lambda: (y * 0.5, y * y), lambda: (tf.constant(0.25), tf.constant(layer + 1.0))
        )
        y = (y - mean) * variance + 1.0
        y = tf1.cond(i["training"], lambda: y * 1.5, lambda: tf.identity(y))
    return i, {"y": y}


@case(dict(x=5, n=0), dict(x=5, n=1), dict(x=-7, n=6))
def conditions_in_loops():
    i = inputs(x=tf.int32, n=tf.int32)
    x, n = i["x"], i["n"]

    def body(k, a, b):
        a, b = tf1.cond(
            tf.equal(k % 2, 0),
            lambda: tf1.cond(a > 0, lambda: (a - b, b + k), lambda: (a + x, b)),
            lambda: (b, a),
        )
        return k + 1, a, b

    k, a, b = tf1.while_loop(lambda k, a, b: k < n, body, [0, x, x * 2])
    return i, {"k": k, "a": a, "b": b}


@case(dict(x=2, n=3, p=True), dict(x=2, n=3, p=False), dict(x=1, n=0, p=True))
def loops_in_conditions_in_loops():
    i = inputs(x=tf.int32, n=tf.int32, p=tf.bool)
    x, n, p = i["x"], i["n"], i["p"]

    def inner(k, a):
        loop = lambda limit: tf1.while_loop(lambda j, s: j < limit, lambda j, s: (j + 1, s + j * x + k), [0, a])[1]
        return tf1.cond(p, lambda: loop(k + 2), lambda: tf1.cond(tf.equal(k, 1), lambda: loop(n), lambda: a * 2))

    _, a = tf1.while_loop(lambda k, a: k < n, lambda k, a: (k + 1, inner(k, a)), [0, x])
    return i, {"a": a}


@case(dict(x=0), dict(x=1), dict(x=2), dict(x=9))
def cases():
    i = inputs(x=tf.int32)
    x = i["x"]
    branches = [(tf.equal(x, value), lambda value=value: x * 10 + value) for value in range(3)]
    return i, {"y": tf1.case(branches, default=lambda: tf.constant(-1))}


@case(dict(x=3, p=True), dict(x=3, p=False))
def references_in_conditions():
    i = inputs(x=tf.int32, p=tf.bool)
    v = tf1.Variable(10, name="v")
    w = tf1.Variable(7, name="w")
    changed = tf1.cond(i["p"], lambda: tf1.assign_add(v, i["x"]) + w, lambda: tf1.assign(w, v * 2) + v)
    with tf.control_dependencies([changed]):
        return i, {"changed": changed, "v": v.read_value(), "w": w.read_value()}


@case(dict(n=0), dict(n=4))
def references_in_loops():
    i = inputs(n=tf.int32)
    v = tf1.Variable(1, name="v")

    def body(k):
        with tf.control_dependencies([k]):
            # `v` itself would be what was read before the loop, which shares its memory with the variable, or not.
            tripled = v.read_value() * 3
        with tf.control_dependencies([tf1.assign(v, tripled)]):
            return k + 1

    k = tf1.while_loop(lambda k: k < i["n"], body, [0], parallel_iterations=1)
    with tf.control_dependencies([k]):
        return i, {"k": k, "v": v.read_value()}


@case(dict(x=1.5, n=3), dict(x=-0.5, n=0))
def gradients_of_loops():
    i = inputs(x=tf.float32, n=tf.int32)
    x = i["x"]
    _, y = tf1.while_loop(lambda k, y: k < i["n"], lambda k, y: (k + 1, y * x + 1.0), [0, x * x])
    return i, {"y": y, "dx": tf1.gradients(y, x)[0]}


@case(dict(x=1.5), dict(x=-0.5))
def gradients_of_conditions():
    i = inputs(x=tf.float32)
    x = i["x"]
    y = tf1.cond(x > 0.0, lambda: x * x * 3.0, lambda: x * 5.0 + 1.0)
    return i, {"y": y, "dx": tf1.gradients(y, x)[0]}


@case(dict(x=2, p=True, q=True), dict(x=2, p=False, q=True), dict(x=2, p=False, q=False))
def switches_by_hand():
    i = inputs(x=tf.int32, p=tf.bool, q=tf.bool)
    x, p, q = i["x"], i["p"], i["q"]
    from tensorflow.python.ops import control_flow_ops

    no, yes = control_flow_ops.switch(x, p)
    _, not_no = control_flow_ops.switch(x, tf.logical_not(p))
    merged, index = control_flow_ops.merge([yes + 1, not_no * 10])
    also, _ = control_flow_ops.merge([no * 3, yes * 4])
    inner_no, inner_yes = control_flow_ops.switch(no, q)
    inner, _ = control_flow_ops.merge([inner_no - 1, inner_yes - 2])
    outer, _ = control_flow_ops.merge([inner, yes])
    return i, {"merged": merged, "index": tf.identity(index), "also": also, "outer": outer}


def run(build, feeds):
    graph = tf.Graph()
    with graph.as_default(), tf1.Session(graph=graph) as session:
        placeholders, fetches = build()
        initializer = tf1.global_variables_initializer()
        initial = {v.op.name: v.initial_value for v in tf1.global_variables()}
        variables = {name: value.item() for name, value in session.run(initial).items()}
        results = []
        for feed in feeds:
            session.run(initializer)
            outputs = session.run(fetches, {placeholders[name]: value for name, value in feed.items()})
            results.append({"inputs": feed, "outputs": {name: np.asarray(value).item() for name, value in outputs.items()}})
        return {
            "graph": base64.b64encode(graph.as_graph_def().SerializeToString(deterministic=True)).decode(),
            "fetches": {name: tensor.name for name, tensor in fetches.items()},
            "variables": variables,
            "runs": results,
        }


if __name__ == "__main__":
    golden = {name: run(build, feeds) for name, build, feeds in CASES}
    with open(sys.argv[1], "w") as file:
        json.dump({"tensorflow": tf.__version__, "cases": golden}, file, indent=1)
        file.write("\n")
