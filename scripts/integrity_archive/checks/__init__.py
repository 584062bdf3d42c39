"""Know: everything that is wrong with an archive, said all at once, by rules that return problems.

In: what was loaded. Out: problems with place, value, fault and remedy. Never here: printing, raising, changing.
"""
