"""One label file: labelme's JSON, and the labels of its image.

What labelme has no place for rides in one key, `maskloop`, of each shape and of the file. Its
`print` is a hash of label and geometry: another one on reading means that a person changed the
shape elsewhere. A shape that nobody changed is written back as it was read.
"""

from core.labelfile.reading import (
    LabelFileContent,
    is_another_scale,
    is_broken_region,
    is_labelme,
    read_labelfile,
    size_sentence,
)
from core.labelfile.text import decode_text, parse_json
from core.labelfile.writing import write_labelfile

__all__ = [
    "LabelFileContent",
    "decode_text",
    "is_another_scale",
    "is_broken_region",
    "is_labelme",
    "parse_json",
    "read_labelfile",
    "size_sentence",
    "write_labelfile",
]
