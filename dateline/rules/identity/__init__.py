"""The identity of stories: which published entry each is, if any."""
