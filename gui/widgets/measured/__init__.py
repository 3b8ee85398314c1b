"""What an evaluation came to, to look at: tables, curves, confusion, effort, rounds."""
