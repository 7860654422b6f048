"""Imported in the process that workers are forked from, to load their common data once, in shared memory."""

import gc

from enrich.language import detect
from enrich.names.features import load_lists
from enrich.names.gazetteer import default_gazetteer
from enrich.names.recognisers import SHIPPED, recogniser

detect("The language of this text does not matter.")
default_gazetteer()
recogniser(SHIPPED)
load_lists()
gc.freeze()  # the collector would write to the memory pages of these objects, so each worker would get a copy
