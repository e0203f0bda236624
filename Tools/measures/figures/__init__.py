"""What is measured: a module for each subject, in the order of the table.

A module has MEASURES, the functions that measure. Each is called with a Bench, has the name of its figure and in its docstring
its method, and returns its figures: pairs of a name and a value, or Figure where there is more to tell. TITLES has what stands
in the table for a figure; one that has no title is printed and saved, and is not in the table.
"""

from measures.figures import generator, latency, operation, overload, scaling, sessions, sizing, throughput

MODULES = [throughput, scaling, latency, sessions, overload, generator, operation, sizing]
MEASURES = [function for module in MODULES for function in module.MEASURES]
TITLES = {name: title for module in MODULES for name, title in module.TITLES.items()}
