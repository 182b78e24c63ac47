import numpy as np
import pytest

# What a camera that was turned stores, so that turning it as the tag says gives the picture.
STORED = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, 1),
    7: lambda image: np.rot90(image, 2).transpose(1, 0, 2),
    8: lambda image: np.rot90(image, -1),
}


class Picture:
    """A picture whose four corners differ: 48 high, 64 wide, upright."""

    size = (48, 64)
    corners = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))

    @property
    def pixels(self):
        pixels = np.zeros((*self.size, 3), "uint8")
        pixels[:24, :32], pixels[:24, 32:] = self.corners[:2]
        pixels[24:, :32], pixels[24:, 32:] = self.corners[2:]
        return pixels

    @staticmethod
    def corners_of(image):
        """Return the colours near the corners of any image of that size."""
        return [tuple(map(int, image[y, x])) for y, x in ((2, 2), (2, -3), (-3, 2), (-3, -3))]


@pytest.fixture(scope="session")
def picture():
    return Picture()


@pytest.fixture(scope="session")
def lying():
    """Return an upright image as a camera stores it that was turned."""
    return lambda image, orientation: np.ascontiguousarray(STORED[orientation](image))
