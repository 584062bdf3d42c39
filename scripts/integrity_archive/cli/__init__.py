"""Edge: the command ``archive``; reads options, calls the floors below, says in Chinese what came of it.

In: arguments. Out: exit codes and messages. Never here: logic that another edge would need too.
"""
