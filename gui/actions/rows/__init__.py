"""The rows of the table of actions, a file a menu or a part of one."""
