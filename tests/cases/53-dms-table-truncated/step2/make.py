"""DMS takes the folder of a truncated table away."""

import shutil

shutil.rmtree("cdc")
