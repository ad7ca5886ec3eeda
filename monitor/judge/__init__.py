"""Article -> Verdict, pure: what matches, which story it belongs to, who is told."""
