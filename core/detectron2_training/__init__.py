"""A fine-tune by detectron2's own loop: its model, its data, its solver, in a run folder of ours.

Only where detectron2 is installed (core/engines/detectron2.py says why not); nothing else here
needs it, and only `learner` imports it.
"""
