"""CLI: the command ``archive``: reads options, calls the packages below, and reports the result in Chinese.

In: arguments. Out: exit codes and messages. Never here: logic that the MkDocs plugin would need too.
"""
