"""Live view: where frames come from, and how their pixels get from one process to another."""
