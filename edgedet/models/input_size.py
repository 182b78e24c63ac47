"""Which sizes of images a network takes."""

from edgedet.errors import ModelError


def require_multiple(model, input_size, of, such_as):
    """Refuse a size that the levels of a network do not divide.

    Args:
        model: Its name, for the message.
        input_size: (height, width) in pixels.
        of: Stride of the coarsest features; it must be doubled to fit those below.
        such_as: A size that fits, for the message.

    Raises:
        ModelError: A side is no multiple of `of`.
    """
    if any(side % of or side <= 0 for side in input_size):
        raise ModelError(
            f"{model}: expected sides of the input that are multiples of {of}, found "
            f"{' x '.join(map(str, input_size))}.\nChoose another size, such as {such_as}."
        )
