"""Where tables come from: one file a source, each with its `SOURCE`."""
