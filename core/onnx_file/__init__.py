"""Files of ONNX, written and looked into without the package onnx: it is not needed where a model
is only written and run.

wire.py      the few bytes of Protocol Buffers that such a file is made of
graph.py     a graph that grows node by node, and becomes a file
about.py     what the file says about itself, read without reading the graph
structure.py whether it has the parts that are written here, and no others
"""

from core.onnx_file.about import About, about_of, read_about
from core.onnx_file.graph import Graph, Value
from core.onnx_file.structure import check_structure

__all__ = ["About", "Graph", "Value", "about_of", "check_structure", "read_about"]
