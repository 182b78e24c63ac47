"""Run one model with one interpreter: the far side of `check_targets.py`.

Needs NumPy and that interpreter, nothing else: it runs where nothing else is installed.

Usage: python target_worker.py INTERPRETER MODEL.tflite INPUTS.npy OUTPUTS.npz
"""

import sys

import numpy as np


def litert(path, inputs):
    """Yield the outputs for each input by LiteRT, with the kernels of a board without XNNPACK."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    yield from _run(Interpreter(path, experimental_op_resolver_type=plain), inputs)


def tflite_runtime(path, inputs):
    """Yield the outputs for each input by the interpreter of older boards."""
    from tflite_runtime.interpreter import Interpreter

    yield from _run(Interpreter(path), inputs)


def tflite_micro(path, inputs):
    """Yield the outputs for each input by the kernels of microcontrollers."""
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_file(path)
    for given in inputs:
        interpreter.set_input(given[None], 0)
        interpreter.invoke()
        yield list(_micro_outputs(interpreter))


def _micro_outputs(interpreter):
    place = 0
    while True:
        try:
            yield interpreter.get_output(place)
        except IndexError:  # It does not say how many there are.
            return
        place += 1


def _run(interpreter, inputs):
    interpreter.allocate_tensors()
    (details,) = interpreter.get_input_details()
    for given in inputs:
        interpreter.set_tensor(details["index"], given[None])
        interpreter.invoke()
        outputs = interpreter.get_output_details()
        yield [interpreter.get_tensor(each["index"]) for each in outputs]


INTERPRETERS = {function.__name__: function for function in (litert, tflite_runtime, tflite_micro)}


def main():
    """Write the raw outputs in the order of the file, all inputs in one array."""
    name, model, inputs, outputs = sys.argv[1:]
    answers = list(INTERPRETERS[name](model, np.load(inputs)))
    np.savez(outputs, *(np.concatenate(values) for values in zip(*answers)))  # noqa: B905


if __name__ == "__main__":
    main()
