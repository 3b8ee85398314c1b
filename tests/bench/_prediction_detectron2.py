"""detectron2's DefaultPredictor, taking turns. A child of prediction.py.

It runs where Maskloop need not be. What goes in and out says _prediction_turns.py.
"""

import json
import sys
from pathlib import Path

import cv2
import torch
from _prediction_turns import polygons_of, take_turns
from detectron2.config import get_cfg
from detectron2.engine import DefaultPredictor

if __name__ == "__main__":
    task = json.loads(Path(sys.argv[1]).read_text())
    if task["threads"]:
        torch.set_num_threads(task["threads"])
    cfg = get_cfg()
    cfg.merge_from_file(task["model_config"])
    cfg.MODEL.DEVICE = task["device"]
    cfg.MODEL.WEIGHTS = task["weights"]
    predictor = DefaultPredictor(cfg)
    photos = [cv2.imread(photo) for photo in task["photos"]]

    def model() -> int:
        """As DefaultPredictor does it, but for the masks, which stay crops."""
        count = 0
        for photo in photos:
            pixels = predictor.aug.get_transform(photo).apply_image(photo)
            image = torch.as_tensor(pixels.astype("float32").transpose(2, 0, 1))
            given = {"image": image, "height": photo.shape[0], "width": photo.shape[1]}
            with torch.no_grad():
                (found,) = predictor.model.inference([given], do_postprocess=False)
            count += len(found.to("cpu"))
        return count

    def files() -> int:
        """What its users write."""
        count = 0
        for file in task["photos"]:
            found = predictor(cv2.imread(file))["instances"].to("cpu")
            count += len(polygons_of(found.pred_masks.numpy()))
        return count

    take_turns({"model": model, "files": files}, device=task["device"])
