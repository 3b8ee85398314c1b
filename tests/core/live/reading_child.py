"""The other process: reads frames that lines on stdin tell of, and says what it saw.

read FILE SLOT NUMBER -> the height, width and sum of the frame, or None
release FILE SLOT     -> done
"""

import sys

from core.live.frames import FramesReader

reader = FramesReader()
for line in sys.stdin:
    wish, *rest = line.split()
    answer = "done"
    if wish == "read":
        frame = reader.read(rest[0], int(rest[1]), int(rest[2]))
        answer = "None" if frame is None else f"{frame.shape[0]} {frame.shape[1]} {frame.sum()}"
        del frame
    else:
        reader.release(rest[0], int(rest[1]))
    sys.stdout.write(answer + "\n")
    sys.stdout.flush()
reader.close()
