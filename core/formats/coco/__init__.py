"""COCO's JSON: one file for a whole data set, as many tools write it and as it should be."""

from core.formats import Format
from core.formats.coco.reading import read
from core.formats.coco.writing import write

FORMAT = Format(name="coco", title="COCO JSON", read=read, write=write)
