"""Models as osam's are, made in the test: real ONNX files that osam runs, which draw a disc.

The encoder keeps how bright the picture is; the decoder answers with discs around the points that
lie on the instance, of that radius, without those around the points beside it, or with the box.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import onnx.parser
import osam

ENCODER = """
<ir_version: 8, opset_import: ["" : 18]>
encoder (float[1, 3, H, W] batched_images) => (float[1, 1, 1, 1] embedding)
{
    axes = Constant <value = int64[3] {1, 2, 3}> ()
    embedding = ReduceMean (batched_images, axes)
}
"""
DECODER = """
<ir_version: 8, opset_import: ["" : 18]>
decoder (
    float[1, 1, 1, 1] image_embeddings, float[1, 1, N, 2] batched_point_coords,
    float[1, 1, N] batched_point_labels, int64[2] orig_im_size
) => (float[1, 1, 1, H, W] masks, float iou, float low)
<
    int64 zero = {0}, int64 one = {1}, int64[1] first = {0}, int64[2] pairs = {-1, 2},
    int64[3] column = {-1, 1, 1}, int64[3] as_x = {1, 1, -1}, int64[3] as_y = {1, -1, 1},
    int64[2] two_more = {0, 1}, int64[1] alone = {1},
    float half = {0.5}, float hundred = {100}, float far = {1000000}, float near = {900000},
    float minus_far = {-1000000},
    float beside = {0}, float on = {1}, float corner = {2}, float far_corner = {3},
    float iou = {0}, float low = {0}
>
{
    height = Gather (orig_im_size, zero)
    width = Gather (orig_im_size, one)
    rows = Range (zero, height, one)
    columns = Range (zero, width, one)
    rows_float = Cast <to = 1> (rows)
    columns_float = Cast <to = 1> (columns)
    upper = Reshape (rows_float, as_y)
    left = Reshape (columns_float, as_x)
    y = Add (upper, half)
    x = Add (left, half)

    points = Reshape (batched_point_coords, pairs)
    labels = Reshape (batched_point_labels, column)
    points_x = Gather <axis = 1> (points, zero)
    points_y = Gather <axis = 1> (points, one)
    px = Reshape (points_x, column)
    py = Reshape (points_y, column)
    dx = Sub (x, px)
    dy = Sub (y, py)

    brightness = Reshape (image_embeddings, alone)
    radius = Mul (brightness, hundred)
    radius2 = Mul (radius, radius)
    dx2 = Mul (dx, dx)
    dy2 = Mul (dy, dy)
    distance2 = Add (dx2, dy2)
    disc = Sub (radius2, distance2)
    is_on = Equal (labels, on)
    is_beside = Equal (labels, beside)
    discs_on = Where (is_on, disc, minus_far)
    discs_beside = Where (is_beside, disc, minus_far)
    on_disc = ReduceMax (discs_on, first)
    beside_disc = ReduceMax (discs_beside, first)

    minus_dx = Neg (dx)
    minus_dy = Neg (dy)
    after = Min (dx, dy)
    before = Min (minus_dx, minus_dy)
    is_corner = Equal (labels, corner)
    is_far_corner = Equal (labels, far_corner)
    afters = Where (is_corner, after, far)
    befores = Where (is_far_corner, before, far)
    between = Min (afters, befores)
    in_box = ReduceMin (between, first)
    has_no_box = Greater (in_box, near)
    box = Where (has_no_box, minus_far, in_box)

    wanted = Max (on_disc, box)
    outside = Neg (beside_disc)
    mask = Min (wanted, outside)
    masks = Unsqueeze (mask, two_more)
}
"""


@dataclass(frozen=True)
class MadeModel:
    """Two files of a model, and osam's description of them."""

    encoder: bytes
    decoder: bytes

    @property
    def blobs(self) -> dict[str, osam.types.Blob]:
        """As a model of osam's names its files."""
        return {
            name: osam.types.Blob(
                url=f"http://published.invalid/{name}.onnx",
                hash="sha256:" + hashlib.sha256(data).hexdigest(),
            )
            for name, data in (("encoder", self.encoder), ("decoder", self.decoder))
        }

    def put_there(self) -> None:
        """Stores the files where osam keeps what it has downloaded."""
        for blob, data in zip(self.blobs.values(), (self.encoder, self.decoder), strict=True):
            path = Path(blob.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def disc_model() -> MadeModel:
    """A pair that answers as EfficientSAM's does."""
    encoder, decoder = (
        onnx.parser.parse_model(text).SerializeToString() for text in (ENCODER, DECODER)
    )
    return MadeModel(encoder, decoder)


class Offered:
    """What osam offers under one name, and what it was asked."""

    def __init__(self, made: MadeModel, name: str = "efficientsam:10m") -> None:
        self.made = made
        self.encoded_hw: list[tuple[int, ...]] = []
        """The size of each picture that was encoded."""
        encoded_hw = self.encoded_hw
        original = osam.apis.get_model_type_by_name("efficientsam:10m")

        class Made(original):  # type: ignore[misc, valid-type]
            _blobs = made.blobs

            def encode_image(self, image: Any) -> Any:
                encoded_hw.append(image.shape[:2])
                return super().encode_image(image)

        Made.name = name
        self.kind = Made
