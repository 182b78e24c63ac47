"""Write a trained model as .tflite: the command `edgedet export`, for people who look for a script.

Usage: python tools/export_tflite.py RUN FILE.tflite [--float | --float16 | --int8] [--data DIR]
"""

import sys

from edgedet.cli.main import main

sys.exit(main(["export", *sys.argv[1:]]))
