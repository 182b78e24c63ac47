import numpy as np
from PIL import Image

from edgedet import images


def soft_picture(size):
    coarse = np.random.default_rng(0).integers(0, 256, (12, 16, 3), "uint8")
    return np.asarray(Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC))


def test_encoders_give_files_that_read_the_same(tmp_path):
    image = soft_picture((200, 300))
    (tmp_path / "a.png").write_bytes(images.encode_png(image))
    np.testing.assert_array_equal(images.read(tmp_path / "a.png")[0], image)
    (tmp_path / "a.jpg").write_bytes(images.encode_jpeg(image))
    difference = images.read(tmp_path / "a.jpg")[0].astype(int) - image
    assert np.abs(difference).mean() < 3
