"""The worker as a child process, with the model that draws discs in place of osam's.

Started as `python -m tests.core.assist.disc_worker` in the project's folder, with a home folder of
its own; the model is downloaded there already.
"""

import sys

import osam

from core.worker import serve
from tests.core.assist.made import Offered, disc_model

if __name__ == "__main__":
    made = disc_model()
    made.put_there()
    osam.apis.registered_model_types[:] = [Offered(made).kind]
    sys.exit(serve())
