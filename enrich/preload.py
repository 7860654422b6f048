"""Imported in the process that workers are forked from, to load what all of them need once, in shared memory."""

import gc

from enrich.language import detect
from enrich.names.features import load_lists
from enrich.names.gazetteer import default_gazetteer
from enrich.names.recognisers import SHIPPED, recogniser

detect("What language this is does not matter.")
default_gazetteer()
recogniser(SHIPPED)
load_lists()
gc.freeze()  # the collector would write to the pages of what lives here, and each worker have a copy
