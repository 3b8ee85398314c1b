"""Models made small: half precision, 8 bits, and networks for ONNX Runtime.

eight_bits.py    weights of one byte a number, in a checkpoint's form
precision.py     what a network in ONNX computes with: floats, or 8 bits where it was calibrated
layers.py        convolutions, norms and linear layers as nodes
boxes.py         anchors, coding, suppression as nodes
network.py       a whole Mask R-CNN as one graph
onnx_model.py    the file of it
writing.py       the folder that is written
measuring.py     size, speed and AP before and after
chance.py        how sure a fall of AP is
calibrating.py   ranges of activations, from which 8 bits are chosen
"""
