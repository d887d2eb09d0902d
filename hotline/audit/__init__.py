"""Who looked at or took out what is not for everybody: lines that are never changed."""
